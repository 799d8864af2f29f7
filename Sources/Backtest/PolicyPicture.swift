public import Events
public import Log

/// What a page shows of a policy beside its outcome: collected from what its engine writes, in memory that does not
/// depend on the length of the recording.
public struct PolicyPicture: Sendable {
  private let model: String
  public private(set) var drift = DriftMap()
  public private(set) var shapes: TriggerShapes

  /// - Parameters:
  ///   - model: the model that is tried.
  ///   - window: how far back before a trigger its columns are shown, in milliseconds.
  public init(model: String, window: Milliseconds) {
    self.model = model
    shapes = TriggerShapes(window: window)
  }

  /// An `OutputObserver`.
  public mutating func take(_ topic: Topic, _ record: Record, _ row: Int) throws {
    guard let value = record.value else { return }
    switch topic {
    case .drift:
      let record = try DriftRecord.decode(value)
      if record.model == model { drift.add(record, row: row) }
    case .summaries:
      if case .pane(let pane) = try SummaryRecord.decode(value), pane.model == model { shapes.add(pane) }
    case .triggers:
      let trigger = try Trigger.decode(value)
      if trigger.model == model { shapes.add(trigger, row: row) }
    default: break
    }
  }
}

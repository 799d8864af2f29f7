public import Bytes
public import Sketches

/// Judged panes of one model in order of prediction time, whatever versions served them, and what they say about its
/// performance.
///
/// The window goes on when a new version takes over: with versions following one another faster than a window fills,
/// evidence that began anew with each would never suffice. Only an alarm's own new version ends it (`forget(before:)`).
public struct PerformanceMonitor: Hashable, Sendable {
  /// Names the loss in evidence.
  public let measure: String
  public let configuration: PerformanceConfiguration
  /// Oldest first, by start, then version. The newest are the window, those before are history.
  public private(set) var panes: [JudgedPane] = []
  /// Validation loss of the versions among the panes.
  private(set) var validations: [Int: Moments] = [:]

  public init(measure: String, configuration: PerformanceConfiguration) {
    self.measure = measure
    self.configuration = configuration
  }

  /// Adds a pane. `validation` is the version's loss on its own validation rows, nil where it has none.
  ///
  /// - Returns: false for a pane older than the newest one, which is refused.
  public mutating func push(_ pane: JudgedPane, validation: Moments?) -> Bool {
    guard panes.last.map({ $0.start <= pane.start }) ?? true else { return false }
    guard pane.loss.count > 0 else { return true }
    panes.append(pane)
    if let validation, validation.count > 0 { validations[pane.version] = validation }
    let kept = Int64.addingClamped(configuration.windowLength, configuration.historyLength)
    drop(before: Int64.subtractingClamped(pane.end, kept))
    return true
  }

  /// Lets go of panes that start before `time`: an alarm's new version is judged on what it served itself.
  public mutating func forget(before time: Int64) {
    drop(before: time)
  }

  /// The window against each yardstick that there is, validation first. Linear in the number of panes, about 20 ns
  /// each.
  public func evidence() -> [PerformanceEvidence] {
    guard let end = panes.map(\.end).max() else { return [] }
    let start = Int64.subtractingClamped(end, configuration.windowLength)
    let first = panes.firstIndex { $0.start >= start } ?? panes.endIndex
    let history = panes[..<first]
    let window = panes[first...]
    let comparison = PerformanceComparison(window: window, history: history)
    return [
      comparison.againstValidation(validations, measure, configuration),
      comparison.againstHistory(measure, configuration),
    ].compactMap { $0 }
  }

  private mutating func drop(before time: Int64) {
    guard let oldest = panes.first, oldest.start < time else { return }
    panes.removeAll { $0.start < time }
    let served = Set(panes.map(\.version))
    validations = validations.filter { served.contains($0.key) }
  }
}

extension PerformanceMonitor {
  public func encode(into writer: inout ByteWriter) {
    writer.append(panes) { $1.encode(into: &$0) }
    writer.append(validations.sorted { $0.key < $1.key }) { writer, entry in
      writer.append(signed: Int64(entry.key))
      entry.value.encode(into: &writer)
    }
  }

  /// The state that `encode` wrote, under a measure and a configuration that come from elsewhere.
  /// - Throws: `ByteError` for too many panes, panes out of order, or a version validated twice.
  public init(
    measure: String, configuration: PerformanceConfiguration, from reader: inout ByteReader
  ) throws(ByteError) {
    self.init(measure: measure, configuration: configuration)
    panes = try reader.array { reader throws(ByteError) in try JudgedPane(from: &reader) }
    guard panes.count <= SketchLimits.panes else {
      throw reader.failure("\(panes.count) judged panes")
    }
    guard zip(panes, panes.dropFirst()).allSatisfy({ $0.start <= $1.start }) else {
      throw reader.failure("judged panes out of order")
    }
    for _ in 0..<(try reader.count(ofAtLeast: 2)) {
      let version = Int(try reader.signed())
      guard validations.updateValue(try Moments(from: &reader), forKey: version) == nil else {
        throw reader.failure("a version validated twice")
      }
    }
  }
}

extension Int64 {
  /// The sum, or the nearest representable time.
  static func addingClamped(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? (right > 0 ? .max : .min) : sum
  }

  /// The difference, or the nearest representable time.
  static func subtractingClamped(_ left: Int64, _ right: Int64) -> Int64 {
    let (difference, overflow) = left.subtractingReportingOverflow(right)
    return overflow ? (right > 0 ? .min : .max) : difference
  }
}

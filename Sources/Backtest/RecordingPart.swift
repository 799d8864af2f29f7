import Events

/// The first rows of a recording, with what became known before the next one.
public struct RecordingPart: EventRecording {
  private let whole: any EventRecording
  public let rows: Int

  /// - Parameter rows: fewer than the whole has.
  public init(_ whole: any EventRecording, rows: Int) {
    self.whole = whole
    self.rows = min(rows, whole.rows)
  }

  public func read(_ take: (TimedEvent) throws -> Void) throws {
    var seen = 0
    do {
      try whole.read { event in
        if case .prediction = event.event {
          guard seen < rows else { throw ReadingDone() }
          seen += 1
        }
        try take(event)
      }
    } catch is ReadingDone {
      return
    }
  }
}

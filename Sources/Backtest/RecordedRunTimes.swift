import Engine
public import Events
import Log

/// How long runs took, by what a recording's `runs` say.
public struct RecordedRunTimes: Sendable {
  /// Seconds that a run may have taken; what says more is passed over.
  private static let mostSeconds = 1e9

  private let seconds: [String: Double]
  private let usual: Double

  /// Nil where no run that ended is recorded.
  public init?(_ recording: any TopicRecording) throws {
    guard recording.count(of: .runs) > 0 else { return nil }
    var seconds: [String: Double] = [:]
    try recording.read([.runs]) { run in
      for stored in run.records {
        guard let value = stored.record.value, case .finished(let report)? = try? RunRecord.decode(value),
          report.result != nil, (0...Self.mostSeconds).contains(report.seconds)
        else { continue }
        seconds[report.run] = report.seconds
      }
    }
    guard !seconds.isEmpty else { return nil }
    self.seconds = seconds
    usual = seconds.values.sorted()[seconds.count / 2]
  }

  /// Milliseconds that the run took when it was recorded; what runs took mostly for one that was not.
  public func milliseconds(of run: RunStarted) -> Milliseconds {
    Milliseconds(((seconds[run.run] ?? usual) * 1_000).rounded())
  }
}

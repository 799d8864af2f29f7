public import Events

/// Carries out a run: reads its rows, learns, scores champion and challenger, and lets the gate judge.
///
/// Called outside the engine's step, on whatever thread the shell chooses. The same request over the same log gives the
/// same outcome, byte for byte.
public protocol Trainer: Sendable {
  func train(_ run: RunStarted) throws -> TrainedArtifact

  /// What came of the run is in the log: what was kept of the work on it is not needed any more.
  func forget(_ run: RunStarted)
}

extension Trainer {
  public func forget(_ run: RunStarted) {}
}

/// What a run leaves behind.
public struct TrainedArtifact: Sendable {
  public let artifact: [UInt8]
  public let result: RunResult
  /// What the gate goes on from in the next run, under the checksum in `result`.
  public let contest: [UInt8]?

  public init(artifact: [UInt8], result: RunResult, contest: [UInt8]? = nil) {
    self.artifact = artifact
    self.result = result
    self.contest = contest
  }
}

/// Why a run came to nothing: one sentence for the run's record.
public struct TrainingFailure: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

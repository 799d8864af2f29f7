public import Events
public import Log

/// What the shell appends when a run has ended: the artifact's chunks and the run's record, all or nothing.
public struct RunReport: Sendable {
  private let run: RunStarted
  private let seconds: Double
  private let outcome: Result<TrainedArtifact, TrainingFailure>

  /// - Parameter seconds: how long it took by the shell's clock.
  public init(_ run: RunStarted, seconds: Double, outcome: Result<TrainedArtifact, TrainingFailure>) {
    self.run = run
    self.seconds = seconds
    self.outcome = outcome
  }

  public var record: RunFinished {
    var record = RunFinished(run: run.run, model: run.model, version: run.version, seconds: seconds)
    switch outcome {
    case .success(let trained): record.result = trained.result
    case .failure(let failure): record.failure = failure.description
    }
    return record
  }

  public func batches(_ configuration: EngineConfiguration) -> [AppendBatch] {
    var outputs = Outputs(
      names: configuration.names,
      partitions: [.runs: configuration.partitions(of: .runs), .artifacts: configuration.partitions(of: .artifacts)],
      stage: "trainer", partition: 0, emitted: Int64(run.version), committed: [:])
    outputs.emit(RunRecord.finished(record), kind: "run", to: .runs, key: run.model, time: run.time)
    guard case .success(let trained) = outcome else { return outputs.take() }
    let chunks = Chunk.cut(trained.artifact).map { chunk in
      Record(
        timestamp: run.time,
        key: Array(Chunk.artifactKey(checksum: trained.result.artifact, index: chunk.index).utf8)[...],
        value: chunk.bytes[...], headers: chunk.headers.map { Header($0.name, $0.value) })
    }
    return [AppendBatch(TopicPartition(configuration.names[.artifacts], 0), chunks)] + outputs.take()
  }
}

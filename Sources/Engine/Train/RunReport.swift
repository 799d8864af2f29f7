import Bytes
public import Events
public import Log

/// What the shell appends when a run has ended: the chunks of the artifact and of the gate's state, and the run's record,
/// all or nothing.
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

  /// Lets a trainer carry a run out.
  ///
  /// - Parameter stops: whether an error says nothing of the run, and is thrown.
  /// - Throws: errors of the log that may pass, and those that `stops` names. Any other is the run's own failure.
  public static func outcome(
    of run: RunStarted, by trainer: any Trainer, stops: (any Error) -> Bool = { _ in false }
  ) throws -> Result<TrainedArtifact, TrainingFailure> {
    do {
      return .success(try trainer.train(run))
    } catch let error as TrainingFailure {
      return .failure(error)
    } catch let error as LogError where error.retriable {
      throw error
    } catch  where stops(error) {
      throw error
    } catch {
      return .failure(TrainingFailure("\(error)"))
    }
  }

  public var record: RunFinished {
    var record = RunFinished(run: run.run, model: run.model, version: run.version, seconds: seconds)
    switch outcome {
    case .success(let trained): record.result = trained.result
    case .failure(let failure): record.failure = failure.description
    }
    return record
  }

  /// Where the runs of a model are told.
  public static func place(of model: String, _ configuration: EngineConfiguration) -> TopicPartition {
    let partition = Murmur2.partition(of: Array(model.utf8), among: configuration.partitions(of: .runs))
    return TopicPartition(configuration.names[.runs], partition)
  }

  public func batches(_ configuration: EngineConfiguration) -> [AppendBatch] {
    let key = Array(run.model.utf8)
    let event = CloudEvent(id: run.run, source: "leeway/trainer", kind: "run", time: run.time)
    let value = RunRecord.finished(record).encoded()
    guard value.count <= Limits.recordBytes else {
      let reason =
        "the report has \(value.count) bytes, at most \(Limits.recordBytes) are possible: drop columns with very many "
        + "categories"
      return RunReport(run, seconds: seconds, outcome: .failure(TrainingFailure(reason))).batches(configuration)
    }
    let report = AppendBatch(Self.place(of: run.model, configuration), [event.record(value, key: key[...])])
    guard case .success(let trained) = outcome else { return [report] }
    var chunks = chunks(trained.artifact, trained.result.artifact)
    if let contest = trained.contest, let checksum = trained.result.contest { chunks += self.chunks(contest, checksum) }
    return [AppendBatch(TopicPartition(configuration.names[.artifacts], 0), chunks), report]
  }

  private func chunks(_ bytes: [UInt8], _ checksum: String) -> [Record] {
    Chunk.cut(bytes).map { chunk in
      Record(
        timestamp: run.time, key: Array(Chunk.artifactKey(checksum: checksum, index: chunk.index).utf8)[...],
        value: chunk.bytes[...], headers: chunk.headers.map { Header($0.name, $0.value) })
    }
  }
}

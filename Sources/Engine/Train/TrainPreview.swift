import Bytes
import Control
public import Events
public import Log

/// What Train would do with a trigger now: its own decisions, on its own state, of which nothing is written.
public struct TrainPreview {
  private var stage: TrainStage
  private var outputs: Outputs
  /// Runs of the model that are open or wait, for which a trigger would wait. They are taken to come to nothing.
  public let runsBefore: [String]

  /// Takes up the newest state that a worker has saved, and what has come since.
  ///
  /// - Throws: `LogError`; `ByteError` where the state cannot be read.
  public init(of model: String, reader: any LogReader, configuration: EngineConfiguration) throws {
    let partition = RunReport.place(of: model, configuration).partition
    let found = try SnapshotStore.newest(
      of: TrainStage.name, in: reader, topic: TopicPartition(configuration.names[.checkpoints], 0))
    stage = TrainStage(partition: partition, configuration: configuration)
    outputs = Outputs(
      names: configuration.names, partitions: [:], stage: TrainStage.name, partition: partition, emitted: 0,
      committed: [:])
    let snapshot = found[partition]?.snapshot
    if let snapshot {
      var state = ByteReader(snapshot.state)
      try stage.restoreState(from: &state)
    }
    for topic in stage.inputs {
      let place = TopicPartition(configuration.names[topic], partition)
      var position = max(snapshot?.positions[topic] ?? 0, try reader.bounds(of: place).lowerBound)
      while true {
        let fetch = try reader.readOverDamage(place, from: position)
        try stage.process(fetch.records, of: topic, next: fetch.next, into: &outputs)
        position = fetch.next
        if position >= fetch.end { break }
      }
    }
    runsBefore = stage.dropRuns(of: model)
    _ = outputs.take()
  }

  /// The run that a trigger would get.
  /// - Throws: `TrainingFailure` with the sentence where it would get none.
  public mutating func run(for trigger: Trigger) throws -> RunStarted {
    for record in try written(trigger, to: .triggers, as: RunRecord.self) {
      switch record {
      case .started(let run): return run
      case .finished(let report): throw TrainingFailure(report.failure ?? "no run")
      case .requested: break
      }
    }
    throw TrainingFailure("there has been a run of \(trigger.id)")
  }

  /// The changes of versions that the report of that run would lead to.
  public mutating func changes(after report: RunFinished) throws -> [ModelRecord] {
    try written(RunRecord.finished(report), to: .runs, as: ModelRecord.self)
  }

  /// What the stage writes when it reads a record, as far as it is of this kind.
  private mutating func written<R: EventRecord>(
    _ record: some EventRecord, to topic: Topic, as kind: R.Type
  ) throws -> [R] {
    let stored = StoredRecord(offset: 0, record: Record(timestamp: 0, value: record.encoded()[...]))
    try stage.process([stored], of: topic, next: 1, into: &outputs)
    return outputs.take().flatMap(\.records).compactMap { record in record.value.flatMap { try? R.decode($0) } }
  }
}

extension TrainStage {
  /// Forgets the runs of a model that are open or wait.
  fileprivate mutating func dropRuns(of model: String) -> [String] {
    guard let index = models.firstIndex(where: { $0.configuration.name == model }) else { return [] }
    let queue = models[index].queue
    let runs = [queue.current?.run].compactMap { $0 } + queue.waiting.map(\.id)
    for run in runs { _ = models[index].queue.cancel(run) }
    return runs
  }
}

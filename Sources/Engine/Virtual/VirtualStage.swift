import Events
import Log

/// One partition of a stage, with what it has written and nobody has read.
final class VirtualStage<S: Stage> {
  let partition: Int
  private(set) var stage: S
  private var outputs: Outputs

  init(_ stage: S, _ partition: Int, _ configuration: EngineConfiguration, _ settings: VirtualEngine.Settings) {
    self.partition = partition
    self.stage = stage
    outputs = Outputs(
      names: configuration.names,
      partitions: Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0, configuration.partitions(of: $0)) }),
      stage: S.name, partition: partition, emitted: 0, committed: [:], unwanted: settings.unwanted)
    self.stage.start(at: [:])
  }

  func process(_ records: ArraySlice<StoredRecord>, of topic: Topic, next: Int64) throws {
    try stage.process(records, of: topic, next: next, into: &outputs)
  }

  var hasOutputs: Bool { !outputs.isEmpty }

  func takeOutputs() -> [AppendBatch] { outputs.take() }
}

extension VirtualStage<MonitorStage> {
  func process(_ records: ArraySlice<ReadSummary>, next: Int64) { stage.process(records, next: next, into: &outputs) }
}

/// Outputs on their way to a log, handed over in large pieces.
struct PendingOutputs {
  private static let mostRecords = 10_000
  private static let mostBytes = 32 << 20

  private var batches: [TopicPartition: [Record]] = [:]
  private var records = 0
  private var bytes = 0

  mutating func append(_ batch: AppendBatch, _ producer: any LogProducer) throws(LogError) {
    batches[batch.partition, default: []] += batch.records
    records += batch.records.count
    bytes += batch.records.reduce(0) { $0 + ($1.value?.count ?? 0) }
    if records >= Self.mostRecords || bytes >= Self.mostBytes { try flush(producer) }
  }

  mutating func flush(_ producer: any LogProducer) throws(LogError) {
    guard records > 0 else { return }
    try producer.append(batches.sorted { $0.key < $1.key }.map { AppendBatch($0.key, $0.value) })
    self = PendingOutputs()
  }
}

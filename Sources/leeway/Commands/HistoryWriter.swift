import Bytes
import Engine
import Events
import Log

/// Puts rows that were labelled before Leeway came into `examples`, numbered as Join numbers its own.
///
/// It owns Join's consumer group until it is closed: two who number rows at once would give a number twice. While an
/// engine is at work it is refused with that engine's name, and an engine that starts meanwhile waits; on Kafka five minutes
/// at most, after which it is the import that is refused.
final class HistoryWriter {
  /// Bytes of rows after which a commit is due: an import up to this size is in the log whole, or not at all.
  private static let commitBytes = 128 << 20

  private let consumer: any LogConsumer
  private let topic: String
  private var numbers: HistoryNumbers
  /// Where an engine has been at work: up to when it had seen to every prediction, by partition.
  private let resolved: [Milliseconds]?
  private var pending: [[Record]]
  private var waitingBytes = 0
  /// Rows that the topic holds already.
  let before: Int64
  private(set) var rows = 0
  /// Those of them that are in the log.
  private(set) var committed = 0
  /// The newest row's time, or that of an earlier import.
  private var newest: Milliseconds?

  /// - Parameter member: names the writer to an engine that wants the group.
  /// - Throws: `LogError` `groupOwned` where an engine is at work; `CommandError` where the topics are not those of the
  ///   configuration, or where an engine has begun and not got far enough.
  init(log: any Log, configuration: EngineConfiguration, member: String) throws {
    topic = configuration.names[.examples]
    let partitions = configuration.inputPartitions
    try Self.check(topic, partitions, try log.spec(of: topic))
    let inputs = [Topic.watermarks, .predictions, .labels].map { configuration.names[$0] }
    let group = Worker<JoinStage>.group(configuration.names)
    consumer = try log.joinAlone(group: group, topics: inputs, member: member)
    guard case .assigned(let own, let committed) = try consumer.poll(inputs, limit: ReadLimit()),
      own.count == partitions
    else { throw LogError(.groupOwned, "Group \(group) is at work. Stop the engine first.", retriable: true) }
    let isNew = !committed.keys.contains { inputs.contains($0.topic) }
    let log = try log.makeReader()
    defer { log.close() }
    let reader = ExampleReader(reader: log, names: configuration.names)
    numbers = HistoryNumbers(
      next: try (0..<partitions).map { partition throws(LogError) in try reader.firstFreeNumber(in: partition) })
    before = numbers.next.reduce(0, +)
    pending = Array(repeating: [], count: partitions)
    let told = try (0..<partitions).map { partition throws(LogError) in try reader.lastResolved(in: partition)?.upTo }
    resolved = isNew ? nil : told.compactMap { $0 }
    newest = isNew ? told.compactMap { $0 }.max().map { $0 - 1 } : nil
    if let resolved, resolved.count < partitions {
      consumer.close()
      throw CommandError(
        "the engine has begun on this log, and not closed a pane in every partition yet", at: topic,
        remedy: "import history before the first run of the engine on this log, or once it has got further")
    }
  }

  private static func check(_ topic: String, _ partitions: Int, _ spec: TopicSpec?) throws(CommandError) {
    guard let spec else {
      throw CommandError("there is no topic \"\(topic)\"", remedy: "create it with: leeway topics create")
    }
    guard spec.partitions == partitions else {
      throw CommandError(
        "has \(spec.partitions) partitions, the configuration says \(partitions)", at: topic,
        remedy: "see: leeway topics check")
    }
  }

  /// Adds a row; its number is given here, its partition follows from its id.
  func append(_ example: Example) throws(LogError) {
    let (partition, record) = numbers.append(example)
    pending[partition].append(record)
    newest = max(newest ?? example.time, example.time)
    rows += 1
    waitingBytes += example.id.utf8.count + (record.value?.count ?? 0)
    if waitingBytes >= Self.commitBytes { try commit() }
  }

  /// Says of every partition up to when its rows are labelled, and commits.
  ///
  /// - Parameter end: the time before which all is labelled (default: just after the newest row). Where an engine has
  ///   been at work, it is the one to say so, and what it said is repeated.
  /// - Returns: everything that is labelled now, for a trigger.
  @discardableResult
  func finish(upTo end: Milliseconds? = nil) throws(LogError) -> RowSet {
    let end = end ?? newest.map { $0 + 1 } ?? .min
    for partition in pending.indices {
      pending[partition].append(numbers.mark(partition, upTo: resolved?[partition] ?? end))
    }
    try commit()
    return numbers.rows(before: resolved?.min() ?? end)
  }

  func close() {
    consumer.close()
  }

  private func commit() throws(LogError) {
    let batches = pending.enumerated().map { AppendBatch(TopicPartition(topic, $0.offset), $0.element) }
    // What has been numbered is told to the group as an offset: a group that an engine has joined meanwhile refuses it.
    let numbered = numbers.next.enumerated().map { (TopicPartition(topic, $0.offset), $0.element) }
    try consumer.commit(
      outputs: batches.filter { !$0.records.isEmpty }, offsets: Dictionary(uniqueKeysWithValues: numbered))
    for partition in pending.indices { pending[partition].removeAll(keepingCapacity: true) }
    waitingBytes = 0
    committed = rows
  }
}

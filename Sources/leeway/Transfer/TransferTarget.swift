import Bytes
import EventLog
import Events
import Log
import Recording

/// Topics that records are copied into: to the partition with the same number, in their order, with how far it has come.
final class TransferTarget {
  /// What one append takes at most, about.
  private static let batchRecords = 10_000
  private static let batchBytes = 4 << 20

  /// By the numbers of the source's places.
  let partitions: [TopicPartition]
  /// Whether nothing has been copied here yet that `take` could go on with.
  let isNew: Bool
  /// Where an earlier copy stopped, by place; known once the copy is taken over.
  private(set) var begun: [Int: Int64] = [:]
  /// Records in the log, by place.
  private(set) var counts: [Int64]

  private let log: any Log
  private let isAgain: Bool
  private let positions: TransferPositions
  private var producer: (any LogProducer)?
  private let run = UInt64.random(in: .min ... .max)
  /// Of the next record that says how far the copy has come.
  private var sequence: Int64 = 0
  private var next: [TopicPartition: Int64] = [:]
  private var pending: [[Record]]
  private(set) var pendingRecords = 0
  private var pendingBytes = 0

  /// Looks and changes nothing.
  ///
  /// - Parameters:
  ///   - names: what each of the topics is called here, without the prefix.
  ///   - key: what the copy is known by when it is to go on.
  ///   - again: whether to begin anew, whatever has been copied.
  /// - Throws: `CommandError` where a topic has other partitions.
  init(
    _ topics: RecordedTopics, names: [String: String], in log: any Log, prefix: String, key: String, again: Bool
  ) throws {
    (self.log, isAgain) = (log, again)
    partitions = topics.places.map { TopicPartition(prefix + (names[$0.topic] ?? $0.topic), $0.partition) }
    positions = TransferPositions(prefix: prefix, key: key)
    for topic in topics.topics {
      let name = prefix + (names[topic.name] ?? topic.name)
      guard let found = try log.partitions(of: name), found != topic.partitions else { continue }
      throw CommandError(
        "has \(found) partitions, \(topic.name) has \(topic.partitions): no record would stay in its partition",
        at: "topic \(name)", remedy: "copy it under another name: --topic \(topic.name)=NAME")
    }
    isNew = try again || log.partitions(of: positions.partition.topic) == nil
    counts = Array(repeating: 0, count: partitions.count)
    pending = Array(repeating: [], count: partitions.count)
  }

  /// Takes the copy over, wherever it stopped.
  ///
  /// Two that make the same copy at once would write everything twice. A cluster puts an end to the first one's producer
  /// when the second makes its own, and elsewhere whoever is later finds the number of its record taken: in either case
  /// only as long as how far the copy has come is read after that.
  func take() throws {
    try positions.prepare(log)
    let producer = try log.makeProducer(id: "leeway-transfer-\(positions.fingerprint)")
    self.producer = producer
    sequence = try producer.nextSequence(in: positions.partition)
    next = isAgain ? [:] : try positions.read(log)
    begun = partitions.indices.reduce(into: [:]) { $0[$1] = next[partitions[$1]] }
  }

  /// Creates the topics that are missing.
  ///
  /// - Parameter earliest: the earliest timestamp of the records. Where a topic would lose them at once, it keeps everything
  ///   instead if it is made here, and is named on standard error if it is there already.
  func prepare(_ section: TopicsSection, earliest: Int64) throws {
    let now = wallClockMilliseconds()
    for (name, own) in Dictionary(grouping: partitions, by: \.topic).sorted(by: { $0.key < $1.key }) {
      if try log.partitions(of: name) != nil {
        // Who may write to a topic may not always see how it is set.
        if let kept = try? log.spec(of: name)?.retention.milliseconds, earliest < now - kept {
          Terminal.complain(
            "topic \(name) keeps records for \(Quantity.shown(milliseconds: kept)), and some of these are older: its retention "
              + "will take them")
        }
        continue
      }
      let contract = TopicNames(prefix: section.prefix).topic(named: name)?.spec(section)
      let kept = contract?.retention.milliseconds.map { earliest >= now - $0 } ?? true
      try log.create(
        TopicSpec(
          name: name, partitions: own.count, retention: kept ? contract?.retention ?? .forever : .forever,
          compacted: contract?.compacted ?? false))
    }
  }

  /// - Parameter offset: the record's own in the source.
  func append(_ record: Record, offset: Int64, place: Int) throws(LogError) {
    pending[place].append(record)
    pendingRecords += 1
    pendingBytes += (record.key?.count ?? 0) + (record.value?.count ?? 0) + 64
    next[partitions[place]] = offset + 1
    if pendingRecords >= Self.batchRecords || pendingBytes >= Self.batchBytes { try flush() }
  }

  /// Writes what has been handed over: all of it, and how far the copy has come, or nothing.
  func flush() throws(LogError) {
    guard pendingRecords > 0, let producer else { return }
    let places = pending.indices.filter { !pending[$0].isEmpty }
    let written = counts.reduce(0, +) + Int64(pendingRecords)
    var batches = places.map { AppendBatch(partitions[$0], pending[$0]) }
    batches.append(positions.batch(next, records: written, time: wallClockMilliseconds(), run: run, sequence: sequence))
    try producer.append(batches)
    sequence += 1
    for place in places {
      counts[place] += Int64(pending[place].count)
      pending[place].removeAll(keepingCapacity: true)
    }
    (pendingRecords, pendingBytes) = (0, 0)
  }

  func close() { producer?.close() }
}

import Bytes
import EventLog
import Events
import Log
import Synchronization

@testable import Engine

/// Does what its records say, writes a letter for each, and has a state of any size.
struct ProbeStage: Stage {
  static let name = "probe"

  let partition: Int
  private(set) var taken = 0
  private var padding = 0
  private var time = Milliseconds.min
  private var next: Int64 = 0

  init(partition: Int) { self.partition = partition }

  var inputs: [Topic] { [.predictions] }
  var positions: [Topic: Int64] { [.predictions: next] }
  var eventTime: Milliseconds { time }

  mutating func start(at positions: [Topic: Int64]) { next = positions[.predictions, default: 0] }

  mutating func process(
    _ records: some Sequence<StoredRecord>, of topic: Topic, next: Int64, into outputs: inout Outputs
  ) throws {
    for stored in records {
      outputs.taking(topic, at: stored.offset)
      let words = String(decoding: stored.record.value ?? [], as: UTF8.self).split(separator: " ")
      taken += 1
      time = max(time, stored.record.timestamp)
      switch words.first {
      case "size": padding = words.last.flatMap { Int($0) } ?? 0
      case "save": outputs.wantsSnapshot = true
      case "fail": throw LogError(.damaged, "a port", partition: TopicPartition("models", 0), offsets: 0..<1)
      default: break
      }
      outputs.emit(
        DeadLetter(
          topic: topic.rawValue, partition: partition, offset: stored.offset, code: "seen", reason: "\(taken)",
          time: 0, sample: ""))
    }
    self.next = next
  }

  func encodeState(into writer: inout ByteWriter) {
    writer.append(count: taken)
    writer.append(signed: time)
    writer.append(Array(repeating: UInt8(7), count: padding))
  }

  mutating func restoreState(from reader: inout ByteReader) throws(ByteError) {
    taken = try reader.index()
    time = try reader.signed()
    padding = try reader.slice().count
  }
}

/// A log that notes commits, refuses those that are too large, and cannot read certain offsets.
final class WatchedLog: Log {
  struct Commit {
    /// The stage's partitions whose outputs and snapshots went with it.
    var outputs: Set<Int> = []
    var snapshots: Set<Int> = []
    var offsets: [TopicPartition: Int64] = [:]
  }

  struct Notes {
    var commits: [Commit] = []
    var limit = Int.max
    var damaged: [TopicPartition: Range<Int64>] = [:]
    /// Whether the group's offsets are gone.
    var forgets = false
  }

  let log: EmbeddedLog
  let notes = Mutex(Notes())

  init(_ log: EmbeddedLog) { self.log = log }

  func create(_ topic: TopicSpec) throws(LogError) { try log.create(topic) }
  func topics() throws(LogError) -> [TopicSpec] { try log.topics() }
  func makeProducer(id: String?) throws(LogError) -> any LogProducer { try log.makeProducer(id: id) }
  func makeReader() throws(LogError) -> any LogReader { try log.makeReader() }
  func maintain(now: Int64, workedOff: Int64) throws(LogError) { try log.maintain(now: now, workedOff: workedOff) }

  func join(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    WatchedConsumer(try log.join(group: group, topics: topics, member: member), self)
  }

  /// What has been committed since the last call.
  func takeCommits() -> [Commit] {
    notes.withLock { notes in
      defer { notes.commits = [] }
      return notes.commits
    }
  }

  func worker(_ configuration: EngineConfiguration, _ settings: WorkerSettings) throws -> Worker<ProbeStage> {
    try Worker(log: self, configuration: configuration, settings: settings) { partition, _ in
      ProbeStage(partition: partition)
    }
  }
}

private final class WatchedConsumer: LogConsumer {
  private let consumer: any LogConsumer
  private let log: WatchedLog
  private var sent: [AppendBatch] = []

  init(_ consumer: any LogConsumer, _ log: WatchedLog) {
    self.consumer = consumer
    self.log = log
  }

  func poll(_ topics: [String], limit: ReadLimit) throws(LogError) -> Polled {
    let polled = try consumer.poll(topics, limit: limit)
    if case .assigned(let partitions, _) = polled, log.notes.withLock(\.forgets) {
      return .assigned(partitions, committed: [:])
    }
    guard case .records(let fetches) = polled else { return polled }
    let damaged = log.notes.withLock { $0.damaged }
    for fetch in fetches {
      guard let range = damaged[fetch.partition], fetch.records.contains(where: { range.contains($0.offset) }) else {
        continue
      }
      for other in fetches { try consumer.seek(other.partition, to: other.records[0].offset) }
      let good = fetch.records.filter { $0.offset < range.lowerBound }
      guard !good.isEmpty else {
        throw LogError(.damaged, "cannot be read", partition: fetch.partition, offsets: range)
      }
      try consumer.seek(fetch.partition, to: range.lowerBound)
      return .records([
        Fetch(partition: fetch.partition, records: good, next: range.lowerBound, end: fetch.end)
      ])
    }
    return polled
  }

  func send(_ outputs: [AppendBatch]) throws(LogError) {
    try consumer.send(outputs)
    sent += outputs
  }

  func commit(outputs: [AppendBatch], offsets: [TopicPartition: Int64]) throws(LogError) {
    var commit = WatchedLog.Commit(offsets: offsets)
    var bytes = 0
    for record in (sent + outputs).flatMap(\.records) {
      bytes += record.value?.count ?? 0
      let parts = String(decoding: record.key ?? [], as: UTF8.self).split(separator: "/")
      guard parts.count > 1, let partition = Int(parts[1]) else { continue }
      if record.headers.contains(where: { $0.name == "snapshot" }) {
        commit.snapshots.insert(partition)
      } else {
        commit.outputs.insert(partition)
      }
    }
    let isTooLarge = log.notes.withLock { bytes > $0.limit }
    if isTooLarge { throw LogError(.tooLarge, "\(bytes) bytes") }
    try consumer.commit(outputs: outputs, offsets: offsets)
    sent = []
    log.notes.withLock { $0.commits.append(commit) }
  }

  func wait(_ topics: [String], milliseconds: Int) throws(LogError) {
    try consumer.wait(topics, milliseconds: milliseconds)
  }
  func hasReadAll(_ topics: [String]) throws(LogError) -> Bool { try consumer.hasReadAll(topics) }
  func seek(_ partition: TopicPartition, to offset: Int64) throws(LogError) {
    try consumer.seek(partition, to: offset)
  }
  func close() { consumer.close() }
}

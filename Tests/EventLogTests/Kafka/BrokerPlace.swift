import CRdKafka
import EventLog
import Foundation
import Log
import Synchronization
import Testing

/// A corner of a broker that others may use too: every name begins with a prefix of its own, and its topics are
/// deleted in the end.
final class BrokerPlace: LogPlace {
  /// The broker to test against, from the environment.
  static let given: [String] = ProcessInfo.processInfo.environment["LEEWAY_KAFKA"].map { [$0] } ?? []

  let servers: String
  let prefix = "leeway-test-\(UUID().uuidString.prefix(8).lowercased())."
  private let created = Mutex<Set<String>>([])

  init(_ servers: String) throws { self.servers = servers }

  deinit { try? delete(created.withLock { $0.sorted() }) }

  func open() throws -> any Log { try open([:]) }

  /// - Parameter properties: of librdkafka, beside those that make it quick.
  func open(_ properties: [String: String], patience: Int = 30_000) throws -> any Log {
    let quick = ["session.timeout.ms": "6000", "heartbeat.interval.ms": "300"]
    let log = try KafkaLog(
      KafkaOptions(
        servers: servers, properties: quick.merging(properties) { $1 }, replicas: 1, patienceMilliseconds: patience))
    return PrefixedLog(log, prefix: prefix) { [self] topic in created.withLock { _ = $0.insert(topic) } }
  }

  // MARK: What an administrator does meanwhile

  /// Gives a topic more partitions.
  func grow(_ topic: String, to partitions: Int) throws {
    var requests = [rd_kafka_NewPartitions_new(prefix + topic, partitions, nil, 0)]
    defer { rd_kafka_NewPartitions_destroy_array(&requests, requests.count) }
    try ask { rd_kafka_CreatePartitions($0, &requests, requests.count, nil, $1) }
  }

  func delete(_ topic: String) throws {
    try delete([prefix + topic])
    created.withLock { _ = $0.remove(prefix + topic) }
  }

  private func delete(_ topics: [String]) throws {
    guard !topics.isEmpty else { return }
    var requests = topics.map { rd_kafka_DeleteTopic_new($0) }
    defer { rd_kafka_DeleteTopic_destroy_array(&requests, requests.count) }
    try ask { rd_kafka_DeleteTopics($0, &requests, requests.count, nil, $1) }
  }

  private func ask(_ request: (_ client: OpaquePointer, _ queue: OpaquePointer?) -> Void) throws {
    let configuration = rd_kafka_conf_new()
    rd_kafka_conf_set(configuration, "bootstrap.servers", servers, nil, 0)
    let client = try #require(rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0))
    let queue = rd_kafka_queue_new(client)
    request(client, queue)
    let event = rd_kafka_queue_poll(queue, 10_000)
    let code = event.map { rd_kafka_event_error($0) } ?? RD_KAFKA_RESP_ERR__TIMED_OUT
    rd_kafka_event_destroy(event)
    rd_kafka_queue_destroy(queue)
    rd_kafka_destroy(client)
    try #require(code == RD_KAFKA_RESP_ERR_NO_ERROR)
  }
}

/// A log whose topics, groups, workers and producers all have a prefix that its user does not see.
private struct PrefixedLog: Log {
  let log: any Log
  let names: PrefixedNames
  let created: @Sendable (String) -> Void

  init(_ log: any Log, prefix: String, created: @escaping @Sendable (String) -> Void) {
    (self.log, names, self.created) = (log, PrefixedNames(prefix: prefix), created)
  }

  func create(_ topic: TopicSpec) throws(LogError) {
    let spec = TopicSpec(
      name: names.full(topic.name), partitions: topic.partitions, retention: topic.retention,
      compacted: topic.compacted)
    try names.translating { () throws(LogError) in try log.create(spec) }
    created(spec.name)
  }

  func topics() throws(LogError) -> [TopicSpec] {
    // Others may delete theirs between the list and the look at each.
    var left = 20
    while true {
      do throws(LogError) {
        return try log.topics().compactMap { $0.name.hasPrefix(names.prefix) ? names.own($0) : nil }
      } catch {
        left -= 1
        guard error.code == .unknownTopic, left > 0 else { throw error }
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
  }

  func spec(of topic: String) throws(LogError) -> TopicSpec? { try log.spec(of: names.full(topic)).map(names.own) }
  func partitions(of topic: String) throws(LogError) -> Int? { try log.partitions(of: names.full(topic)) }

  func makeProducer(id: String?) throws(LogError) -> any LogProducer {
    PrefixedProducer(try log.makeProducer(id: id.map(names.full)), names)
  }

  func makeReader() throws(LogError) -> any LogReader { PrefixedReader(try log.makeReader(), names) }

  func join(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    PrefixedConsumer(
      try log.join(group: names.full(group), topics: topics.map(names.full), member: member), names)
  }

  func maintain(now: Int64, workedOff: Int64) throws(LogError) { try log.maintain(now: now, workedOff: workedOff) }
}

private struct PrefixedNames: Sendable {
  let prefix: String

  /// Names that are impossible stay so.
  func full(_ name: String) -> String { name.isEmpty || name == "." || name == ".." ? name : prefix + name }
  func full(_ partition: TopicPartition) -> TopicPartition {
    TopicPartition(full(partition.topic), partition.partition)
  }
  func full(_ batches: [AppendBatch]) -> [AppendBatch] {
    batches.map { AppendBatch(full($0.partition), $0.records, sequence: $0.sequence) }
  }
  func full<Value>(_ values: [TopicPartition: Value]) -> [TopicPartition: Value] {
    Dictionary(values.map { (full($0.key), $0.value) }) { $1 }
  }

  func own(_ partition: TopicPartition) -> TopicPartition {
    TopicPartition(String(partition.topic.dropFirst(prefix.count)), partition.partition)
  }
  func own<Value>(_ values: [TopicPartition: Value]) -> [TopicPartition: Value] {
    Dictionary(values.map { (own($0.key), $0.value) }) { $1 }
  }
  func own(_ fetch: Fetch) -> Fetch {
    Fetch(partition: own(fetch.partition), records: fetch.records, next: fetch.next, end: fetch.end)
  }
  func own(_ spec: TopicSpec) -> TopicSpec {
    TopicSpec(
      name: String(spec.name.dropFirst(prefix.count)), partitions: spec.partitions, retention: spec.retention,
      compacted: spec.compacted)
  }

  func translating<Result>(_ body: () throws(LogError) -> Result) throws(LogError) -> Result {
    do throws(LogError) {
      return try body()
    } catch {
      throw LogError(
        error.code, error.message, retriable: error.retriable, partition: error.partition.map(own),
        offsets: error.offsets)
    }
  }
}

private final class PrefixedProducer: LogProducer {
  private let producer: any LogProducer
  private let names: PrefixedNames

  init(_ producer: any LogProducer, _ names: PrefixedNames) { (self.producer, self.names) = (producer, names) }

  func append(_ batches: [AppendBatch]) throws(LogError) -> [Int64] {
    try names.translating { () throws(LogError) in try producer.append(names.full(batches)) }
  }
  func nextSequence(in partition: TopicPartition) throws(LogError) -> Int64 {
    try producer.nextSequence(in: names.full(partition))
  }
  func close() { producer.close() }
}

private final class PrefixedReader: LogReader {
  private let reader: any LogReader
  private let names: PrefixedNames

  init(_ reader: any LogReader, _ names: PrefixedNames) { (self.reader, self.names) = (reader, names) }

  func bounds(of partition: TopicPartition) throws(LogError) -> Range<Int64> {
    try reader.bounds(of: names.full(partition))
  }
  func settle(_ partition: TopicPartition) throws(LogError) { try reader.settle(names.full(partition)) }
  func ends(of partitions: [TopicPartition]) throws(LogError) -> [TopicPartition: PartitionEnd] {
    let ends = try reader.ends(of: partitions.map { names.full($0) })
    return Dictionary(partitions.map { ($0, ends[names.full($0)]) }) { $1 }.compactMapValues(\.self)
  }
  func offset(in partition: TopicPartition, atOrAfter time: Int64) throws(LogError) -> Int64 {
    try reader.offset(in: names.full(partition), atOrAfter: time)
  }
  func read(_ partition: TopicPartition, from offset: Int64, limit: ReadLimit) throws(LogError) -> Fetch {
    try names.translating { () throws(LogError) in
      names.own(try reader.read(names.full(partition), from: offset, limit: limit))
    }
  }
  func wait(for positions: [TopicPartition: Int64], milliseconds: Int) throws(LogError) -> Bool {
    try reader.wait(for: names.full(positions), milliseconds: milliseconds)
  }
  func committed(group: String) throws(LogError) -> [TopicPartition: Int64] {
    names.own(try reader.committed(group: names.full(group)))
  }
  func close() { reader.close() }
}

private final class PrefixedConsumer: LogConsumer {
  private let consumer: any LogConsumer
  private let names: PrefixedNames

  init(_ consumer: any LogConsumer, _ names: PrefixedNames) { (self.consumer, self.names) = (consumer, names) }

  func poll(_ topics: [String], limit: ReadLimit) throws(LogError) -> Polled {
    try names.translating { () throws(LogError) in
      switch try consumer.poll(topics.map(names.full), limit: limit) {
      case .assigned(let partitions, let committed): .assigned(partitions, committed: names.own(committed))
      case .records(let fetches): .records(fetches.map(names.own))
      case let other: other
      }
    }
  }
  func wait(_ topics: [String], milliseconds: Int) throws(LogError) {
    try consumer.wait(topics.map(names.full), milliseconds: milliseconds)
  }
  func hasReadAll(_ topics: [String]) throws(LogError) -> Bool { try consumer.hasReadAll(topics.map(names.full)) }
  func seek(_ partition: TopicPartition, to offset: Int64) throws(LogError) {
    try consumer.seek(names.full(partition), to: offset)
  }
  func send(_ outputs: [AppendBatch]) throws(LogError) { try consumer.send(names.full(outputs)) }
  func commit(outputs: [AppendBatch], offsets: [TopicPartition: Int64]) throws(LogError) {
    try consumer.commit(outputs: names.full(outputs), offsets: names.full(offsets))
  }
  func close() { consumer.close() }
}

import EventLog
import Foundation
import Log
import Testing

/// What administrators and time do to a cluster under workers that are at it. A broker alone can show it: the mock
/// cluster's topics cannot grow, and no transaction ends there but by its worker.
@Suite(.blocking, .enabled(if: !BrokerPlace.given.isEmpty, "LEEWAY_KAFKA names no broker"))
struct ChangedClusterTests {
  private let out = TopicPartition("out", 0)
  private let topics = ["in", "side"]

  /// Topics `in` and `side` of two partitions each, to be read together, and `out`.
  private func make(_ servers: String) throws -> (place: BrokerPlace, log: any Log) {
    let place = try BrokerPlace(servers)
    // So that a client looks at its topics again within the test.
    let log = try place.open(["topic.metadata.refresh.interval.ms": "300"])
    for topic in topics { try log.create(TopicSpec(name: topic, partitions: 2)) }
    try log.create(TopicSpec(name: "out", partitions: 1))
    return (place, log)
  }

  private func append(_ log: any Log, _ texts: [TopicPartition: [String]]) throws {
    let producer = try log.makeProducer(id: nil)
    try producer.append(
      texts.sorted { $0.key < $1.key }.map { AppendBatch($0.key, $0.value.map { Record(1, $0) }) })
  }

  private func outputs(_ log: any Log) throws -> [String] {
    try log.makeReader().all(out).compactMap(\.record.text)
  }

  /// Copies what comes to `out`, poll by poll, until `isDone` or an error.
  private func copy(_ consumer: any LogConsumer, until isDone: () throws -> Bool) throws {
    let end = ContinuousClock.now + .seconds(40)
    while try !isDone() {
      try #require(ContinuousClock.now < end, "nothing has happened")
      switch try consumer.poll(topics, limit: ReadLimit(records: 3)) {
      case .assigned(let numbers, let committed): try consumer.seek(topics, numbers, committed)
      case .revoked: continue
      case .records(let fetches):
        let batches = fetches.map { AppendBatch(out, $0.records.map(\.record)) }
        try consumer.commit(
          outputs: batches, offsets: Dictionary(fetches.map { ($0.partition, $0.next) }) { max($0, $1) })
      case .idle: try consumer.wait(topics, milliseconds: 50)
      }
    }
  }

  private func failure(_ body: () throws -> Void) throws -> LogError {
    do { try body() } catch { return try #require(error as? LogError) }
    throw LogError(.unavailable, "this was to fail")
  }

  private func texts(_ name: String, _ range: Range<Int>) -> [String] { range.map { "\(name) \($0)" } }

  @Test(arguments: BrokerPlace.given) func aPartitionIsAdded(servers: String) throws {
    let (place, log) = try make(servers)
    let consumer = try log.join(group: "g", topics: topics, member: "m")
    try append(
      log, [TopicPartition("in", 0): texts("in/0", 0..<10), TopicPartition("side", 1): texts("side/1", 0..<10)])
    try copy(consumer) { try outputs(log).count == 20 }

    // To the topic that the group shares out: the worker stops and says why.
    try place.grow("in", to: 3)
    try append(log, [TopicPartition("in", 2): texts("in/2", 0..<10), TopicPartition("in", 1): texts("in/1", 0..<10)])
    let grown = try failure { try copy(consumer) { false } }
    #expect(grown.code == .unknownPartition && !grown.retriable)
    #expect(grown.partition == TopicPartition("in", 2))
    for part in ["in has got a partition 2", "began with 2 partitions", "start all workers anew"] {
      #expect(grown.message.contains(part), "\(grown.message)")
    }
    consumer.close()
    // Nor does it begin anew before the others have as many.
    let uneven = try failure { _ = try log.join(group: "g", topics: topics, member: "m") }
    #expect(uneven.code == .invalidArgument && !uneven.retriable)
    #expect(uneven.message.contains("differ in their number of partitions"), "\(uneven.message)")

    try place.grow("side", to: 3)
    try append(log, [TopicPartition("side", 2): texts("side/2", 0..<10)])
    let next = try log.join(group: "g", topics: topics, member: "m")
    try copy(next) { try outputs(log).count >= 50 && next.hasReadAll(topics) }
    let wanted = ["in/0", "in/1", "in/2", "side/1", "side/2"].flatMap { texts($0, 0..<10) }
    #expect(try outputs(log).sorted() == wanted.sorted(), "each once")
  }

  /// To a topic that comes along: what its workers have is not touched, and the next start says what is missing.
  @Test(arguments: BrokerPlace.given) func aPartitionIsAddedToATopicThatComesAlong(servers: String) throws {
    let (place, log) = try make(servers)
    let consumer = try log.join(group: "g", topics: topics, member: "m")
    try place.grow("side", to: 3)
    try append(
      log, [TopicPartition("in", 0): texts("in/0", 0..<10), TopicPartition("side", 2): texts("side/2", 0..<10)])
    try copy(consumer) { try outputs(log).count == 10 }
    let end = ContinuousClock.now + .seconds(1)
    try copy(consumer) { ContinuousClock.now > end }
    consumer.close()
    let uneven = try failure { _ = try log.join(group: "g", topics: topics, member: "m") }
    #expect(
      uneven.code == .invalidArgument && uneven.message.contains("differ in their number of partitions"),
      "\(uneven.message)")
    try place.grow("in", to: 3)
    // One that came back under the old name would get the old places: the group has no reason to share out anew.
    let next = try log.join(group: "g", topics: topics, member: "n")
    try copy(next) { try outputs(log).count >= 20 && next.hasReadAll(topics) }
    #expect(try outputs(log).sorted() == (texts("in/0", 0..<10) + texts("side/2", 0..<10)).sorted())
  }

  /// One that the group shares out: its worker stops. Of one that comes along the library says nothing to a worker that has
  /// read everything; whoever asks about it, or starts anew, is told.
  @Test(arguments: BrokerPlace.given, ["in", "side"]) func aTopicIsDeleted(servers: String, topic: String) throws {
    let (place, log) = try make(servers)
    let other = topic == "in" ? "side" : "in"
    let consumer = try log.join(group: "g", topics: topics, member: "m")
    try append(log, [TopicPartition("in", 0): texts("in", 0..<10), TopicPartition("side", 1): texts("side", 0..<10)])
    try copy(consumer) { try outputs(log).count == 20 }
    try place.delete(topic)
    let start = ContinuousClock.now
    let error = try failure { try copy(consumer) { topic == "side" ? try !consumer.hasReadAll(topics) : false } }
    #expect(ContinuousClock.now - start < .seconds(35))
    #expect(error.code == .unknownTopic && !error.retriable, "\(error.code)")
    #expect(error.message.contains(topic) && error.message.contains("Was the topic deleted?"), "\(error.message)")
    consumer.close()
    let again = try failure { _ = try log.join(group: "g", topics: topics, member: "m") }
    #expect(again.code == .unknownTopic && again.message.contains(topic), "\(again.message)")

    // Made anew it is read from its beginning, the other one from where the group was.
    try log.create(TopicSpec(name: topic, partitions: 2))
    try append(
      log, [TopicPartition(topic, 0): texts("new", 0..<10), TopicPartition(other, 0): texts("more", 0..<10)])
    let next = try log.join(group: "g", topics: topics, member: "m")
    try copy(next) { try outputs(log).count >= 40 && next.hasReadAll(topics) }
    #expect(try outputs(log).sorted() == ["in", "side", "new", "more"].flatMap { texts($0, 0..<10) }.sorted())
  }

  /// What is consumed stays consumed only with the outputs that came of it.
  @Test(arguments: BrokerPlace.given) func theTopicOfOutputsIsDeleted(servers: String) throws {
    let (place, log) = try make(servers)
    let input = TopicPartition("in", 0)
    let consumer = try log.join(group: "g", topics: topics, member: "m")
    try append(log, [input: texts("in", 0..<10)])
    try copy(consumer) { try outputs(log).count == 10 }
    let committed = try log.makeReader().committed(group: "g")
    try place.delete("out")
    try append(log, [input: texts("in", 10..<20)])
    let start = ContinuousClock.now
    let error = try failure { try copy(consumer) { false } }
    #expect(ContinuousClock.now - start < .seconds(60))
    #expect(error.code == .unknownTopic && !error.retriable, "\(error.code)")
    // Whether it is missed before the writing or in it.
    #expect(
      error.message.contains("no topic \(place.prefix)out") || error.message.contains("Was the topic deleted?"),
      "\(error.message)")
    consumer.close()
    #expect(try log.makeReader().committed(group: "g") == committed)
    let anew = try place.open()
    try anew.create(TopicSpec(name: "out", partitions: 1))
    let next = try anew.join(group: "g", topics: topics, member: "m")
    try copy(next) { try outputs(anew).count >= 10 && next.hasReadAll(topics) }
    #expect(try outputs(anew) == texts("in", 10..<20))
  }

  /// The broker gives it up, and what it held is written anew, once, by the worker that follows.
  @Test(arguments: BrokerPlace.given) func aTransactionTakesTooLong(servers: String) throws {
    let (place, _) = try make(servers)
    let log = try place.open(["transaction.timeout.ms": "2000"])
    let input = TopicPartition("in", 0)
    try append(log, [input: texts("in", 0..<3)])
    let consumer = try log.join(group: "g", topics: topics, member: "m")
    try consumer.start(topics)
    _ = try consumer.poll(topics, limit: ReadLimit())
    try consumer.commit(outputs: [AppendBatch(out, [Record(1, "in 0")])], offsets: [input: 1])
    try consumer.send([AppendBatch(out, [Record(1, "in 1")])])
    let reader = try log.makeReader()
    let patient = try place.open([:], patience: 60_000).makeReader()
    // It has arrived, is hidden, and then given up.
    Thread.sleep(forTimeInterval: 0.3)
    try patient.settle(out)
    #expect(try outputs(log) == ["in 0"])
    let error = try failure {
      try consumer.commit(outputs: [AppendBatch(out, [Record(1, "in 2")])], offsets: [input: 3])
    }
    #expect(error.code == .fenced && error.retriable, "\(error.code)")
    #expect(
      error.message.contains("transaction.timeout.ms") && error.message.contains("last commit"), "\(error.message)")
    consumer.close()
    #expect(try reader.committed(group: "g") == [input: 1])
    let next = try log.join(group: "g", topics: topics, member: "m")
    try copy(next) { try outputs(log).count >= 3 && next.hasReadAll(topics) }
    #expect(try outputs(log) == texts("in", 0..<3), "each once")
    #expect(try reader.committed(group: "g")[input] ?? 0 >= 3)
  }
}

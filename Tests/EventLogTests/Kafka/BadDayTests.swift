import CRdKafka
@testable import EventLog
import Foundation
import KafkaMock
import Log
import Synchronization
import Testing

/// Brokers that go, come back, change their roles, dawdle and refuse.
@Suite(.blocking) struct BadDayTests {
  private let input = TopicPartition("in", 0)
  private let output = TopicPartition("out", 0)

  private func make(brokers: Int = 1) throws -> (place: MockPlace, log: any Log) {
    let place = try MockPlace(brokers: brokers)
    for name in ["in", "out"] { try place.cluster.createTopic(name, partitions: 1) }
    return (place, try place.open())
  }

  private func batch(_ texts: [String], _ partition: TopicPartition? = nil) -> AppendBatch {
    AppendBatch(partition ?? output, texts.map { Record(1, $0) })
  }

  private func texts(_ log: any Log, _ partition: TopicPartition? = nil) throws -> [String] {
    try log.makeReader().all(partition ?? output).compactMap(\.record.text)
  }

  /// A worker at its place.
  private func join(_ log: any Log) throws -> any LogConsumer {
    let consumer = try log.join(group: "g", topics: ["in"], member: "m")
    try consumer.start(["in"])
    _ = try consumer.poll(["in"], limit: ReadLimit())
    return consumer
  }

  private func failure(_ body: () throws -> Void) throws -> LogError {
    do { try body() } catch { return try #require(error as? LogError) }
    throw LogError(.unavailable, "this was to fail")
  }

  private func later(_ seconds: Double, _ body: @escaping @Sendable () -> Void) throws -> BackgroundThread {
    try BackgroundThread {
      Thread.sleep(forTimeInterval: seconds)
      body()
    }
  }

  /// A listener that speaks another protocol ends what it does not understand. That is said long before patience is over.
  @Test func connectionsThatComeToNothing() throws {
    let listener = try ClosingListener()
    let log = try KafkaLog(KafkaOptions(servers: listener.address, patienceMilliseconds: 9_000))
    let start = ContinuousClock.now
    let error = try failure { _ = try log.partitions(of: "in") }
    #expect((.seconds(3) ... .seconds(7)).contains(ContinuousClock.now - start))
    #expect(error.code == .denied && !error.retriable)
    #expect(error.message.contains("does not speak plaintext") && error.message.contains("security.protocol"))
    #expect(log.outage?.contains("security.protocol") == true)
  }

  /// An outage is told as one, with its cause and not that all brokers are down, and shows in what can be asked.
  @Test func anOutageIsTold() throws {
    let place = try MockPlace()
    let lines = Mutex<[KafkaOptions.Line]>([])
    var options = place.options(patience: 1_000)
    options.report = { line in lines.withLock { $0.append(line) } }
    let log = try KafkaLog(options)
    #expect(log.outage == nil && lines.withLock { $0 }.allSatisfy { !$0.isOutage })
    place.cluster.setUp(false)
    let gone = ContinuousClock.now + .seconds(15)
    while log.outage == nil { try #require(ContinuousClock.now < gone, "the outage is not seen") }
    _ = try failure { _ = try log.topics() }
    let told = lines.withLock { $0 }
    #expect(told.contains { $0.isOutage })
    for line in told {
      #expect(line.isOutage || !line.text.contains("brokers are down"), "\(line.text)")
      #expect(!line.text.contains("thrd:"), "\(line.text)")
    }
    place.cluster.setUp(true)
    let end = ContinuousClock.now + .seconds(15)
    while log.outage != nil, ContinuousClock.now < end {}
    #expect(ContinuousClock.now < end)
  }

  @Test func theBrokerIsNotThereYet() throws {
    let (place, log) = try make()
    place.cluster.setUp(false)
    let impatient = try KafkaLog(place.options(patience: 1_000))
    let start = ContinuousClock.now
    let errors = [
      try failure { _ = try impatient.partitions(of: "in") },
      try failure { _ = try impatient.topics() },
      try failure { _ = try impatient.makeProducer(id: nil) },
      try failure { _ = try impatient.makeReader().bounds(of: input) },
      try failure { _ = try impatient.join(group: "g", topics: ["in"], member: "m") },
    ]
    #expect(ContinuousClock.now - start < .seconds(15))
    for error in errors {
      #expect(error.code == .unavailable && error.retriable)
      #expect(error.message.contains(place.cluster.servers), "\(error.message)")
    }
    // One that has patience finds it.
    let cluster = place.cluster
    let opening = try later(1) { cluster.setUp(true) }
    try log.makeProducer(id: nil).append([batch(["a"])])
    #expect(try texts(log) == ["a"])
    try opening.join()
  }

  @Test func theBrokerIsGoneForAWhile() throws {
    let (place, log) = try make()
    let cluster = place.cluster
    let producer = try log.makeProducer(id: nil)
    try producer.append([batch(["0", "1"], input)])
    let consumer = try join(log)
    let reader = try log.makeReader()
    _ = try reader.read(input, from: 0, limit: ReadLimit())
    try consumer.send([batch(["sent"])])
    cluster.setUp(false)
    let opening = try later(2) { cluster.setUp(true) }
    // What is at hand when it goes is committed when it is back; the same for what is appended and read.
    try consumer.commit(outputs: [batch(["committed"])], offsets: [input: 2])
    #expect(try Array(texts(log).suffix(2)) == ["sent", "committed"])
    cluster.setUp(false)
    let again = try later(2) { cluster.setUp(true) }
    try producer.append([batch(["2"], input)])
    #expect(try reader.read(input, from: 2, limit: ReadLimit()).records.map(\.record.text) == ["2"])
    cluster.setUp(false)
    let third = try later(2) { cluster.setUp(true) }
    #expect(try reader.wait(for: [input: 2], milliseconds: 10_000))
    #expect(try follow(log, consumer) == "2")
    for thread in [opening, again, third] { try thread.join() }
  }

  /// Reads on until the text of the last record of `input` comes; where the group has given the place away, from a new one.
  private func follow(_ log: any Log, _ first: any LogConsumer) throws -> String? {
    var (consumer, last) = (first, String?.none)
    let end = ContinuousClock.now + .seconds(20)
    while last != "2", .now < end {
      do throws(LogError) {
        switch try consumer.poll(["in"], limit: ReadLimit()) {
        case .records(let fetches): last = fetches.last?.records.last?.record.text ?? last
        case .assigned: try consumer.seek(input, to: 2)
        case .idle: try consumer.wait(["in"], milliseconds: 100)
        case .revoked: continue
        }
      } catch {
        #expect(error.retriable, "\(error)")
        consumer.close()
        consumer = try log.join(group: "g", topics: ["in"], member: "m")
      }
    }
    return last
  }

  @Test func leadersAndCoordinatorsMove() throws {
    let (place, log) = try make(brokers: 3)
    let producer = try log.makeProducer(id: "p")
    let consumer = try join(log)
    let reader = try log.makeReader()
    var expected: [String] = []
    for round in 0..<6 {
      let broker = round % 3 + 1
      try producer.append([batch(["\(round)"], input)])
      place.cluster.setLeader(of: output, broker)
      place.cluster.setLeader(of: input, (broker + 1) % 3 + 1)
      try consumer.send([batch(["\(round) sent"])])
      for name in ["g.m", "leeway.producer.p"] { place.cluster.setCoordinator(.transaction, of: name, broker) }
      for name in ["g", "leeway.producer.p"] { place.cluster.setCoordinator(.group, of: name, (broker + 2) % 3 + 1) }
      try consumer.commit(outputs: [batch(["\(round)"])], offsets: [input: 1])
      expected += ["\(round) sent", "\(round)"]
      #expect(try reader.bounds(of: output).upperBound >= Int64(expected.count))
    }
    // What was given up and written again is there twice in the mock cluster.
    #expect(try texts(log).reduce(into: []) { if $0.last != $1 { $0.append($1) } } == expected)
    #expect(try texts(log, input) == (0..<6).map { "\($0)" })
  }

  @Test func aBrokerThatDawdles() throws {
    let (place, log) = try make()
    let producer = try log.makeProducer(id: nil)
    let consumer = try join(log)
    place.cluster.setDelay(milliseconds: 300)
    try producer.append([batch(["a"], input)])
    #expect(try texts(log, input) == ["a"])
    try consumer.commit(outputs: [batch(["b"])], offsets: [input: 1])
    #expect(try texts(log) == ["b"])
  }

  @Test func aPartitionThatIsAwayHoldsNobodyUp() throws {
    let (place, _) = try make(brokers: 2)
    let log = try KafkaLog(place.options(patience: 6_000))
    for (partition, broker) in [(input, 1), (output, 2)] { place.cluster.setLeader(of: partition, broker) }
    let reader = try log.makeReader()
    for partition in [input, output] { _ = try reader.bounds(of: partition) }
    place.cluster.setUp(false, broker: 1)
    let away = input
    let waiting = try BackgroundThread { _ = try? log.makeReader().bounds(of: away) }
    Thread.sleep(forTimeInterval: 0.5)
    let start = ContinuousClock.now
    #expect(try reader.bounds(of: output) == 0..<0)
    #expect(ContinuousClock.now - start < .seconds(2))
    place.cluster.setUp(true, broker: 1)
    try waiting.join()
  }

  /// A cluster that goes away for good in the middle of questions ends them with an error, and soon.
  @Test func theClusterGoesInTheMiddleOfAQuestion() throws {
    let (place, _) = try make(brokers: 2)
    let (log, away) = (try KafkaLog(place.options(patience: 2_000)), input)
    let asking = try BackgroundThread {
      let reader = try log.makeReader()
      while true { _ = try reader.bounds(of: away) }
    }
    Thread.sleep(forTimeInterval: 0.3)
    place.cluster.setUp(false)
    let error = try failure { try asking.join() }
    #expect(error.code == .unavailable && error.retriable && error.message.contains("The bounds of in/0"), "\(error)")
  }

  /// However many partitions a reader has read or waits for, it fetches few of them at a time, and misses nothing.
  @Test func aReaderHoldsFewPartitionsAtATime() throws {
    let place = try MockPlace()
    let count = 3 * KafkaLimits.streams
    try place.cluster.createTopic("many", partitions: count)
    let log = try place.open()
    let partitions = (0..<count).map { TopicPartition("many", $0) }
    let producer = try log.makeProducer(id: nil)
    try producer.append(partitions.map { batch(["\($0) a", "\($0) b"], $0) })
    let reader = try #require(log.makeReader() as? KafkaReader)
    for offset in 0..<Int64(2) {
      for partition in partitions {
        let fetch = try reader.read(partition, from: offset, limit: ReadLimit(records: 1))
        #expect(fetch.records.map(\.record.text) == ["\(partition) \(offset == 0 ? "a" : "b")"])
        #expect(reader.fetchedPartitions <= KafkaLimits.streams)
      }
    }
    let ends = Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64(2)) })
    #expect(try !reader.wait(for: ends, milliseconds: 100))
    for partition in [partitions[0], partitions[count - 1]] {
      try producer.append([batch(["c"], partition)])
      #expect(try reader.wait(for: [partition: 2], milliseconds: 5_000))
      #expect(try reader.wait(for: ends, milliseconds: 5_000))
    }
    #expect(reader.fetchedPartitions <= KafkaLimits.streams)
  }

  @Test func aTopicThatIsGoneOrClosedToUs() throws {
    for (error, expected) in [
      (RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, LogError.Code.unknownTopic),
      (RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, .denied),
    ] {
      let (place, _) = try make()
      place.cluster.setError(of: "out", error)
      let log = try place.open()
      let attempts: [() throws -> Void] = [
        { try log.makeProducer(id: nil).append([self.batch(["a"])]) },
        { _ = try log.makeReader().bounds(of: self.output) },
        { _ = try log.makeReader().read(self.output, from: 0, limit: ReadLimit()) },
        { _ = try log.join(group: "g", topics: ["in", "out"], member: "m") },
      ]
      for attempt in attempts {
        let found = try failure(attempt)
        #expect(found.code == expected && !found.retriable)
        #expect(found.message.contains("out"), "\(found.message)")
      }
    }
  }

  @Test func aTopicIsGoneAllOfASudden() throws {
    let (place, _) = try make()
    let log = try KafkaLog(place.options(["topic.metadata.refresh.interval.ms": "300"]))
    try log.makeProducer(id: nil).append([batch(["a", "b"], input)])
    let consumer = try join(log)
    try consumer.commit(outputs: [batch(["done"])], offsets: [input: 1])
    place.cluster.setError(of: "in", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    let end = ContinuousClock.now + .seconds(20)
    let error = try failure {
      while ContinuousClock.now < end {
        if case .idle = try consumer.poll(["in"], limit: ReadLimit()) { try consumer.wait(["in"], milliseconds: 50) }
      }
    }
    #expect(error.code == .unknownTopic && !error.retriable)
    #expect(error.message.contains("cannot read in") && error.message.contains("Was the topic deleted?"))
    consumer.close()
    // Where it comes back, a new worker goes on.
    place.cluster.setError(of: "in", RD_KAFKA_RESP_ERR_NO_ERROR)
    let next = try join(log)
    try next.seek(input, to: 1)
    #expect(try next.drain(["in"]).flatMap(\.records).map(\.record.text) == ["b"])
    #expect(try texts(log) == ["done"])
  }

  @Test func offsetsThatAreNotThere() throws {
    let (_, log) = try make()
    try log.makeProducer(id: nil).append([batch(["a", "b"], input)])
    let reader = try log.makeReader()
    for offset: Int64 in [-1, 3, .max] {
      let error = try failure { _ = try reader.read(input, from: offset, limit: ReadLimit()) }
      #expect(error.code == .offsetOutOfRange && error.partition == input)
    }
    let consumer = try join(log)
    try consumer.seek(input, to: 100)
    let error = try failure { for _ in 0..<20 { _ = try consumer.poll(["in"], limit: ReadLimit()) } }
    #expect(error.code == .offsetOutOfRange && error.partition == input)
    #expect(error.message.contains("0 to 2") && error.message.contains("100"), "\(error.message)")
    // The worker may go on from where there is something.
    try consumer.seek(input, to: 1)
    #expect(try consumer.drain(["in"]).flatMap(\.records).map(\.record.text) == ["b"])
    #expect(code { try consumer.seek(input, to: -1) } == .invalidArgument)
    #expect(code { try consumer.seek(TopicPartition("in", 1), to: 0) } == .unknownPartition)
  }

  @Test func largerThanTheClientMaySend() throws {
    let (place, _) = try make()
    let log = try KafkaLog(place.options(["message.max.bytes": "50000"]))
    let large = AppendBatch(output, [Record(1, "small"), Record(1, String(repeating: "x", count: 60_000))])
    let producer = try log.makeProducer(id: "p")
    let error = try failure { try producer.append([batch(["a"]), large]) }
    #expect(error.code == .tooLarge && !error.retriable && error.message.contains("message.max.bytes"))
    #expect(try producer.nextSequence(in: output) == 0)
    try producer.append([batch(["b"])])
    let consumer = try join(log)
    try consumer.send([batch(["sent"])])
    #expect(code { try consumer.commit(outputs: [large], offsets: [input: 0]) } == .tooLarge)
    #expect(code { try consumer.send([batch(["with it"]), large]) } == .tooLarge)
    try consumer.send([batch(["more"])])
    try consumer.commit(outputs: [batch(["c"])], offsets: [input: 0])
    #expect(try Array(texts(log).suffix(3)) == ["sent", "more", "c"])
  }

  @Test func largerThanAllThatMayWait() throws {
    let (place, _) = try make()
    let log = try KafkaLog(place.options(["queue.buffering.max.kbytes": "20"]))
    let large = AppendBatch(output, [Record(1, "small"), Record(1, String(repeating: "x", count: 60_000))])
    let producer = try log.makeProducer(id: nil)
    let error = try failure { try producer.append([large]) }
    #expect(error.code == .tooLarge && !error.retriable)
    #expect(error.message.contains("queue.buffering.max.kbytes"), "\(error.message)")
    // More records than may wait at a time are no matter.
    let texts = (0..<200).map { String(repeating: "y", count: 1_000) + "\($0)" }
    try producer.append([batch(texts)])
    #expect(try Array(self.texts(log).suffix(200)) == texts)
  }

  @Test func hostileRecords() throws {
    let (_, log) = try make()
    let many = (0..<3_000).map { Header("name-\($0)", String(repeating: "h", count: 20)) }
    let huge = Header("", [UInt8](repeating: 0, count: 300_000)[...])
    let records = [
      Record(timestamp: 1, key: [], value: nil, headers: [huge]),
      Record(timestamp: .max, key: [0], value: [], headers: many),
      Record(timestamp: 1, key: [UInt8](repeating: 255, count: 100_000)[...], value: nil),
      Record(timestamp: 1, value: nil, headers: [Header("same", ""), Header("same", "")]),
    ]
    let producer = try log.makeProducer(id: nil)
    for record in records { try producer.append([AppendBatch(input, [record])]) }
    let consumer = try join(log)
    try consumer.seek(input, to: 0)
    #expect(try consumer.drain(["in"]).flatMap(\.records).map(\.record) == records)
    #expect(try log.makeReader().all(input).map(\.record) == records)
  }

  @Test func closedHandles() throws {
    let (_, log) = try make()
    let consumer = try log.join(group: "g", topics: ["in"], member: "m")
    let producer = try log.makeProducer(id: nil)
    let reader = try log.makeReader()
    for _ in 0..<2 {
      consumer.close()
      producer.close()
      reader.close()
    }
    let attempts: [() throws -> Void] = [
      { _ = try consumer.poll(["in"], limit: ReadLimit()) }, { try consumer.wait(["in"], milliseconds: 1) },
      { try consumer.seek(self.input, to: 0) }, { try consumer.send([self.batch(["a"])]) },
      { try consumer.commit(outputs: [], offsets: [:]) }, { _ = try consumer.hasReadAll(["in"]) },
      { try producer.append([self.batch(["a"])]) }, { _ = try producer.nextSequence(in: self.input) },
      { _ = try reader.bounds(of: self.input) }, { _ = try reader.read(self.input, from: 0, limit: ReadLimit()) },
      { _ = try reader.offset(in: self.input, atOrAfter: 0) }, { _ = try reader.committed(group: "g") },
      { _ = try reader.wait(for: [self.input: 0], milliseconds: 1) },
    ]
    for (number, attempt) in attempts.enumerated() { #expect(code(attempt) == .closed, "attempt \(number)") }
  }
}

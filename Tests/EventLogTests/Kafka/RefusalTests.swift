import CRdKafka
@testable import EventLog
import KafkaMock
import Log
import Synchronization
import Testing

/// Brokers that refuse us, as with a certificate that has run out, and take us again.
@Suite(.blocking) struct RefusalTests {
  private let place: MockPlace
  private let output = TopicPartition("out", 0)

  init() throws {
    place = try MockPlace()
    for name in ["in", "out"] { try place.cluster.createTopic(name, partitions: 1) }
  }

  private func batch(_ text: String) -> AppendBatch { AppendBatch(output, [Record(1, text)]) }

  private func refuse(_ handle: KafkaHandle) {
    handle.context.note(trouble: "SSL handshake failed", KafkaFailure(RD_KAFKA_RESP_ERR__SSL))
  }

  /// What was being written then is given up with the writer: the next append writes its own records and no others.
  @Test(arguments: [nil, "p"]) func inTheMiddleOfACommit(id: String?) throws {
    let log = try KafkaLog(place.options(patience: 10_000))
    let producer = try #require(log.makeProducer(id: id) as? KafkaProducer)
    _ = try producer.append([batch("before")])
    refuse(try #require(producer.transaction).handle)
    place.cluster.setDelay(milliseconds: 5_000)
    #expect(code { _ = try producer.append([batch("refused")]) } == .denied)
    place.cluster.setDelay(milliseconds: 0)
    let offset = try producer.append([batch("taken")])[0]
    let found = try log.makeReader().read(output, from: offset, limit: ReadLimit())
    #expect(found.records.map(\.record.text) == ["taken"])
  }

  /// A writer that was broken off in the middle takes nothing more.
  @Test func aWriterThatWasBrokenOffIsAtItsEnd() throws {
    let options = place.options(patience: 3_000)
    let writer = try KafkaTransaction(id: "w", notesOffsets: true, KafkaTopics(options), options)
    refuse(writer.handle)
    place.cluster.setDelay(milliseconds: 5_000)
    #expect(code { _ = try writer.commit([batch("refused")]) } == .denied)
    place.cluster.setDelay(milliseconds: 0)
    #expect(code { _ = try writer.commit([batch("next")]) } == .denied)
    #expect(code { try writer.add([batch("next")]) } == .denied)
  }

  /// Once a call has come through, an outage is an outage again.
  @Test func aRefusalThatHasPassed() throws {
    let log = try KafkaLog(place.options(patience: 2_000))
    let producer = try #require(log.makeProducer(id: nil) as? KafkaProducer)
    refuse(try #require(producer.transaction).handle)
    _ = try producer.append([batch("taken")])
    place.cluster.setDelay(milliseconds: 10_000)
    #expect(code { _ = try producer.append([batch("away")]) } == .unavailable)
  }

  /// What the library has said before a call came through is heard before it is forgotten, and not after.
  @Test func whatWasSaidBeforeIsOfThePast() throws {
    let handle = try KafkaHandle(RD_KAFKA_PRODUCER, place.options(), settings: ["enable.idempotence": "true"])
    let said = "no such luck"
    rd_kafka_test_fatal_error(try handle.open(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, said)
    handle.noteAccess()
    #expect(handle.context.state.withLock { $0.trouble }?.contains(said) == true)
  }

  /// A client whose leaving has not come to its end is not destroyed, in which the library could wait for ever: what it
  /// tells last is never answered here.
  @Test func aWorkerThatCannotLeave() throws {
    let log = try KafkaLog(place.options())
    let consumer = try #require(log.join(group: "g", topics: ["in"], member: "m") as? KafkaConsumer)
    try consumer.start(["in"])
    _ = try consumer.poll(["in"], limit: ReadLimit())
    place.cluster.setDelay(milliseconds: 1_000)
    #expect(!consumer.leave(try consumer.handle.open(), until: 0))
    let start = ContinuousClock.now
    consumer.close()
    let bound = KafkaLimits.decisionMilliseconds + KafkaLimits.leaveMilliseconds + 3_000
    #expect(ContinuousClock.now - start < .milliseconds(bound))
  }
}

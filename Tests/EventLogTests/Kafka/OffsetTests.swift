import CRdKafka
@testable import EventLog
import Foundation
import KafkaMock
import Log
import Testing

/// Offsets that a broker does not know.
@Suite(.blocking) struct OffsetTests {
  private let place: MockPlace
  private let input = TopicPartition("in", 0)

  init() throws {
    place = try MockPlace()
    try place.cluster.createTopic("in", partitions: 1)
  }

  private func failure(_ body: () throws -> Void) -> LogError? {
    do { try body() } catch { return error as? LogError }
    return nil
  }

  /// Below the first one records are gone; behind the end the topic is another. In between a retry helps.
  @Test func whatTheyMean() {
    for offset in Int64(0)..<20 {
      let error = KafkaReader.outOfRange(input, offset, 5..<9)
      let isThere = (5...9).contains(offset)
      #expect(error.retriable == isThere && error.code == (isThere ? .unavailable : .offsetOutOfRange))
      #expect(error.offsets == (isThere ? nil : min(offset, 5)..<5) && error.partition == input)
    }
  }

  /// A broker that has just begun to lead may not know one that is there. What was fetched before is not lost with it.
  @Test(arguments: 0..<8) func oneThatIsThere(attempt: Int) throws {
    let log = try place.open()
    let consumer = try log.join(group: "g", topics: ["in"], member: "m")
    try consumer.start(["in"])
    _ = try consumer.poll(["in"], limit: ReadLimit())
    try log.makeProducer(id: nil).append([AppendBatch(input, [Record(1, "a"), Record(1, "b")])])
    Thread.sleep(forTimeInterval: 0.5)
    place.cluster.fail(.fetch, with: [RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE])
    Thread.sleep(forTimeInterval: 0.5)
    #expect(try consumer.poll(["in"], limit: ReadLimit()).texts == ["a", "b"])
    try consumer.wait(["in"], milliseconds: 5_000)
    let error = failure { for _ in 0..<20 { _ = try consumer.poll(["in"], limit: ReadLimit()) } }
    #expect(error?.code == .unavailable && error?.retriable == true, "\(error?.message ?? "no error")")
    // Where the worker goes on all the same, it does.
    try consumer.seek(input, to: 1)
    #expect(try consumer.drain(["in"]).flatMap(\.records).map(\.record.text) == ["b"])
  }
}

extension Polled {
  fileprivate var texts: [String?]? {
    if case .records(let fetches) = self { fetches.flatMap(\.records).map(\.record.text) } else { nil }
  }
}

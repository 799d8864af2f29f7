import EventLog
import Events
import LeewayClient
import Log
import Synchronization
import TestSupport
import Testing

@Suite("A log that signs what is written to models")
struct SigningLogTests {
  private let folder: TemporaryFolder
  private let log: EmbeddedLog
  private let key = SigningKey()

  init() throws {
    folder = try TemporaryFolder()
    log = try EmbeddedLog(path: folder.path("leeway.db"))
    for topic in ["eu.models", "eu.runs"] { try log.create(TopicSpec(name: topic, partitions: 1)) }
  }

  private func signing(_ clock: Int64) -> SigningLog {
    SigningLog(log, topic: "eu.models", key: key, clock: { clock })
  }

  private func batches(_ versions: [Int]) -> [AppendBatch] {
    ["eu.models", "eu.runs"].map { topic in
      AppendBatch(TopicPartition(topic, 0), versions.map { modelRecord(record("m", $0, artifact: [1])) })
    }
  }

  private func records(_ topic: String) throws -> [Record] {
    let reader = try log.makeReader()
    defer { reader.close() }
    return try reader.read(TopicPartition(topic, 0), from: 0, limit: ReadLimit()).records.map(\.record)
  }

  private func times() throws -> [Int64] {
    try records("eu.models").map { record in
      guard case .genuine(_, let time) = ModelSignature.verify(record, topic: "eu.models", keys: [key.trusted]) else {
        return -1
      }
      return time
    }
  }

  @Test("commits and appends are signed on their way, other topics are left alone")
  func signs() throws {
    let signing = signing(100)
    let producer = try signing.makeProducer(id: nil)
    try producer.append(batches([1]))
    producer.close()
    let consumer = try signing.join(group: "g", topics: ["eu.runs"], member: "a")
    _ = try consumer.poll(["eu.runs"], limit: ReadLimit())
    try consumer.commit(outputs: batches([2, 3]), offsets: [:])
    consumer.close()
    #expect(try times() == [100, 101, 102])
    #expect(try records("eu.runs").allSatisfy(\.headers.isEmpty))
  }

  /// Else the next update would look like an old one.
  @Test("times rise although the clock was set back, and nobody else can push them up")
  func clockSetBack() throws {
    func append(_ log: any Log, _ version: Int) throws {
      let producer = try log.makeProducer(id: nil)
      defer { producer.close() }
      try producer.append(batches([version]))
    }
    try append(signing(500), 1)
    try append(signing(20), 2)
    let stranger = SigningLog(log, topic: "eu.models", key: SigningKey(), clock: { .max })
    try append(stranger, 3)
    try append(signing(30), 4)
    try append(signing(900), 5)
    #expect(try times() == [500, 501, -1, 502, 900])
  }
}

import EventLog
import Log
import Testing

@testable import leeway

/// How far `doctor` reads.
struct ExaminationTests {
  @Test(arguments: [(nil, "all 2,750"), (1_000, "the newest 1,250"), (1, "the newest 2")])
  func theNewestOfEachPartition(newest: Int64?, found: String) throws {
    let scratch = try Scratch()
    let log = try EmbeddedLog(path: scratch.file("log.db"))
    let topic = TopicSpec(name: "t", partitions: 3)
    try log.create(topic)
    let producer = try log.makeProducer(id: nil)
    for (partition, count) in [(0, 2_500), (1, 250)] {
      let records = (0..<count).map { Record(timestamp: Int64($0), value: [UInt8(truncatingIfNeeded: $0)]) }
      try producer.append([AppendBatch(TopicPartition("t", partition), records)])
    }
    var examination = RecordExamination(log, [topic], newest: newest)
    let findings = examination.findings()
    #expect(findings.map(\.status) == [.ok] && findings.allSatisfy { $0.found.hasPrefix(found) }, "\(findings)")
  }

  @Test(arguments: [([], ""), ([3], "3"), ([0, 1, 2, 3, 7], "0–3, 7"), ([0, 2, 4, 5], "0, 2, 4–5")])
  func partitionsAsPeopleReadThem(numbers: [Int], text: String) {
    #expect(Figures.ranges(numbers) == text)
  }

  @Test func aClusterNeedsNoSQLite() {
    #expect(LibraryExamination.findings(isEmbedded: true).contains { $0.check == "SQLite" })
    #expect(LibraryExamination.findings(isEmbedded: false).allSatisfy { $0.check != "SQLite" })
    #expect(LibraryExamination.findings(isEmbedded: false).contains { $0.check == "librdkafka" })
  }
}

import EventLog
import Events
import Foundation
import Log
import Testing

@testable import leeway

@Suite("doctor on a log with damaged records")
struct DamagedLogTests {
  /// Flips one bit of a text in the log's file, wherever it stands.
  private func spoil(_ text: String, in path: String) throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    let place = try #require(data.firstRange(of: Data(text.utf8)))
    data[place.lowerBound + 2] ^= 1
    try data.write(to: URL(fileURLWithPath: path))
  }

  @Test("names topic, partition and offsets of each place, and goes on behind it")
  func damaged() throws {
    let station = try Station("models: [{name: m}]")
    func append(_ topic: String, _ partition: Int, _ values: [String]) throws {
      let log = try station.log
      defer { log.close() }
      let producer = try log.makeProducer(id: nil)
      defer { producer.close() }
      for value in values {
        let records = ["first of \(value)", "second of \(value)"].map {
          Record(timestamp: 0, value: Array($0.utf8)[...])
        }
        try producer.append([AppendBatch(TopicPartition(topic, partition), records)])
      }
    }
    try append("labels", 1, ["apples", "pears", "plums"])
    try append("predictions", 0, ["melons", "grapes"])
    let good = try Run.leeway("doctor", in: station.folder.path)
    #expect(good.status == 0 && good.output.contains("ok       records: all 10 can be read"), "\(good.output)")

    try spoil("first of pears", in: station.folder.file("leeway.db"))
    try spoil("second of melons", in: station.folder.file("leeway.db"))
    for arguments in [["doctor"], ["doctor", "--deep"], ["doctor", "--json"]] {
      let bad = try Run.process(Run.leeway, arguments, in: station.folder.path)
      #expect(bad.status == 1)
      #expect(bad.output.contains("offsets 2 to 3 of labels/1 cannot be read"), "\(bad.output)")
      #expect(bad.output.contains("offsets 0 to 1 of predictions/0 cannot be read"))
    }
  }

  @Test("many damaged places are told up to a number, and counted")
  func many() throws {
    let scratch = try Scratch()
    let log = try EmbeddedLog(path: scratch.file("leeway.db"))
    try log.create(TopicSpec(name: "labels", partitions: 1))
    let producer = try log.makeProducer(id: nil)
    for number in 0..<50 {
      let value = "value number \(number) of many"
      try producer.append([
        AppendBatch(TopicPartition("labels", 0), [Record(timestamp: 0, value: Array(value.utf8)[...])])
      ])
    }
    producer.close()
    log.close()
    for number in 0..<30 { try spoil("value number \(number) of", in: scratch.file("leeway.db")) }
    let again = try EmbeddedLog(path: scratch.file("leeway.db"))
    defer { again.close() }
    var examination = RecordExamination(again, try again.topics())
    let findings = examination.findings()
    #expect(findings.count == 21 && findings.allSatisfy { $0.status == .failed })
    #expect(findings.last?.found == "10 further places cannot be read")
  }
}

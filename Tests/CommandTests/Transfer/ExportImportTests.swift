import EventLog
import Foundation
import Log
import Recording
import TestSupport
import Testing

@testable import leeway

@Suite("Export and import, as commands")
struct ExportImportTests {
  @Test("What is exported is imported as it was, and exported again it is the same file")
  func roundTrip() throws {
    let depot = try Depot()
    try Depot.fill(try depot.log(), 500)
    let first = try depot.leeway("export", "predictions", "labels", "--out", "a.lwr")
    #expect(
      first.status == 0 && first.output.hasPrefix("500 records of labels, predictions from 2025-11-05"), "\(first)")
    #expect(try depot.leeway("export", "labels", "predictions", "--out", "b.lwr").status == 0)
    #expect(try depot.bytes("a.lwr") == depot.bytes("b.lwr"))

    try depot.folder.write("prefixed.yaml", "log: {embedded: other.db}\ntopics: {prefix: x.}")
    let imported = try depot.leeway("import", "a.lwr", "--config", "prefixed.yaml")
    #expect(
      imported.status == 0 && imported.output == "500 records of a.lwr imported to x.labels, x.predictions\n",
      "\(imported)")
    #expect(
      try Depot.contents(of: depot.log("other.db"), ["x.predictions", "x.labels"]) == Depot.contents(of: depot.log()))
    #expect(
      try depot.leeway("export", "labels", "predictions", "--out", "c.lwr", "--config", "prefixed.yaml").status == 0)
    #expect(try depot.bytes("a.lwr") == depot.bytes("c.lwr"))

    let twice = try depot.leeway("import", "a.lwr", "--config", "prefixed.yaml")
    #expect(twice.output == "0 records of a.lwr imported; 500 were there already\n", "\(twice)")
    let again = try depot.leeway("import", "a.lwr", "--config", "prefixed.yaml", "--again", "--json")
    #expect(again.output.hasPrefix(#"{"source":"a.lwr","records":500,"before":0,"complete":true,"#), "\(again)")
    let renamed = try depot.leeway("import", "a.lwr", "--topic", "labels=l2", "--topic", "predictions=p2")
    #expect(renamed.status == 0, "\(renamed)")
    #expect(try Depot.contents(of: depot.log(), ["p2", "l2"]) == Depot.contents(of: depot.log()))
  }

  @Test("Ranges are of offsets or times, with their start and without their end")
  func ranges() throws {
    let depot = try Depot()
    try Depot.fill(try depot.log(), 200)
    func exported(_ arguments: String...) throws -> [Int64] {
      let done = try Run.process(
        Run.leeway, ["export", "predictions", "--out", "r.lwr"] + arguments, in: depot.folder.path)
      try #require(done.status == 0, "\(arguments): \(done.errors)")
      let reader = try RecordingReader(path: depot.folder.file("r.lwr"))
      var offsets: [Int64] = []
      while let block = try reader.next() {
        for run in block.runs where reader.topics.places[run.place].partition == 0 {
          offsets += block.records[run.range].map(\.offset)
        }
      }
      return offsets
    }
    let all = try Depot.contents(of: depot.log(), ["predictions"])[0]
    #expect(all.count == 50)
    #expect(try exported() == Array(0..<50))
    #expect(try exported("--from", "10", "--to", "13") == [10, 11, 12])
    #expect(try exported("--from", "48", "--to", "end", "--partition", "0") == [48, 49])
    #expect(try exported("--from", "47", "--renumber", "--partition", "0") == [0, 1, 2])
    for (from, to) in [(0, 30), (60, 90), (61, 70), (150, 5_000)] {
      let (start, end) = (1_762_345_600_000 + Int64(from) * 1_000, 1_762_345_600_000 + Int64(to) * 1_000)
      func text(_ time: Int64) -> String {
        Date(timeIntervalSince1970: Double(time) / 1_000).ISO8601Format()
      }
      let first = try #require(all.firstIndex { $0.timestamp >= start })
      let last = all[first...].firstIndex { $0.timestamp >= end } ?? all.count
      #expect(
        try exported("--from", text(start), "--to", text(end)) == (first..<max(first, last)).map(Int64.init),
        "\(from) to \(to)")
    }
  }

  @Test("What is not there, gone, damaged or does not fit is said, with status 1, and leaves nothing")
  func refused() throws {
    let depot = try Depot()
    let log = try depot.log()
    try Depot.fill(log, 100)
    try log.create(TopicSpec(name: "old", partitions: 1, retention: Retention(milliseconds: 10_000)))
    let producer = try log.makeProducer(id: nil)
    for index in 0..<4 {
      let records = (0..<1_000).map { Record(timestamp: Int64(index * 1_000 + $0) * 100, value: [1]) }
      try producer.append([AppendBatch(TopicPartition("old", 0), records)])
    }
    try log.maintain(now: 400_000)
    #expect(try log.makeReader().bounds(of: TopicPartition("old", 0)).lowerBound > 0)
    #expect(try depot.leeway("export", "labels", "--out", "good.lwr").status == 0)
    let good = try depot.bytes("good.lwr")
    try depot.folder.write("cut.lwr", Array(good.dropLast(30)))
    try depot.folder.write(
      "bad.lwr", good.enumerated().map { $0.offset == good.count / 2 ? $0.element ^ 1 : $0.element })
    try depot.folder.write("text.lwr", "nothing of the kind")
    #expect(mkfifo(depot.folder.file("pipe"), 0o600) == 0)
    try log.create(TopicSpec(name: "narrow", partitions: 1))
    let before = try FileManager.default.contentsOfDirectory(atPath: depot.folder.path)
    let cases: [([String], String)] = [
      (["export", "labels", "--out", "x.lwr", "--from", "25"], "no records in that range"),
      (["export", "labels", "--out", "x.lwr", "--from", "2100-01-01T00:00:00Z"], "no records in that range"),
      (["export", "labels", "--out", "x.lwr", "--to", "1000"], "ends at offset 25"),
      (["export", "narrow", "--out", "x.lwr"], "narrow: no records"),
      (["export", "old", "--out", "x.lwr", "--from", "0"], "retention has taken offsets 0 to"),
      (
        ["export", "old", "--out", "x.lwr", "--from", "1970-01-01T00:00:01Z"], "retention has taken the records before"
      ),
      (["export", "lables", "--out", "x.lwr"], "did you mean \"labels\"?"),
      (["export", "labels", "--out", "x.lwr", "--partition", "2"], "there is no partition 2"),
      (["export", "labels", "labels", "--out", "x.lwr"], "named twice"),
      (["export", "labels", "--out", "no/x.lwr"], "there is no folder"),
      (["import", "cut.lwr", "--log", "new.db"], "cut short"),
      (["import", "bad.lwr", "--log", "new.db"], "damaged at byte"),
      (["import", "text.lwr", "--log", "new.db"], "no recording"),
      (["import", "none.lwr", "--log", "new.db"], "cannot be opened"),
      (["import", "pipe", "--log", "new.db"], "no file that can be read from any place"),
      (["import", "", "--log", "new.db"], "without a name"),
      (["import", "good.lwr", "--topic", "labels=narrow"], "has 1 partitions"),
      (["import", "good.lwr", "--topic", "x=y"], "no topic \"x\""),
      (["replay", "labels", "--into", "new.db", "--from", "25"], "no records in that range"),
      (["replay", "labels"], "would be copied into a topic that is read"),
      (["replay", "old", "--into", "new.db", "--now", "--event-times"], "predictions, labels and features"),
      (["replay", "--recording", "bad.lwr", "--into", "new.db"], "damaged at byte"),
    ]
    for (arguments, message) in cases {
      let result = try Run.process(Run.leeway, arguments, in: depot.folder.path)
      #expect(result.status == 1 && result.output.isEmpty && result.errors.contains(message), "\(arguments): \(result)")
    }
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: depot.folder.path)) == Set(before))
    #expect(try depot.leeway("export", "old", "--out", "x.lwr", "--from", "start").status == 0)
  }

  @Test("Wrong usage is status 2")
  func usage() throws {
    let depot = try Depot()
    let wrong = [
      ["export"], ["export", "a"], ["export", "a", "--out", "x", "--from", "end"],
      ["export", "a", "--out", "x", "--to", "start"], ["export", "a", "--out", "x", "--from", "5", "--to", "5"],
      ["replay", "a", "--into", "x", "--from", "2100-01-01T00:00:00Z", "--to", "2099-01-01T00:00:00Z"],
      ["export", "a", "--out", "x", "--partition", "-1"], ["import"], ["import", "x", "--topic", "a"], ["replay"],
      ["replay", "a", "--recording", "x"], ["replay", "a", "--rate", "1", "--speed", "1"],
      ["replay", "a", "--rate", "0"],
      ["replay", "a", "--speed", "nan"], ["replay", "a", "--shift", "soon"], ["replay", "a", "--shift", "1d", "--now"],
      ["replay", "a", "--event-times"], ["replay", "a", "--into", "x", "--into-config", "y"],
      ["replay", "--recording", "x", "--from", "1"],
    ]
    for arguments in wrong {
      let result = try Run.process(Run.leeway, arguments, in: depot.folder.path)
      #expect(result.status == 2 && result.output.isEmpty && !result.errors.isEmpty, "\(arguments)")
    }
  }
}

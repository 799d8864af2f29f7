import Bytes
import EventLog
import Events
import Foundation
import Log
import TestSupport
import Testing

@testable import leeway

/// The program as people run it: a process, its output and its status, on a log of its own.
@Suite("Commands")
struct CommandTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  private func leeway(_ arguments: String..., input: String = "") throws -> Finished {
    try Run.process(Run.leeway, arguments, input: Array(input.utf8), in: scratch.path)
  }

  private func createTopics() throws {
    let created = try leeway("topics", "create")
    #expect(created.status == 0, "\(created.errors)")
  }

  private func json(_ line: Substring) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  private static let prediction =
    #"{"id":"p-1","model":"m","version":1,"time":1762345678901,"features":{"age":41,"job":"technician"},"prediction":0.183}"#

  @Test("Help is status 0, wrong usage is status 2 and says so on standard error")
  func usage() throws {
    for arguments in [[], ["--help"], ["help", "tail"], ["produce", "--help"], ["--version"]] {
      let result = try Run.process(Run.leeway, arguments, in: scratch.path)
      #expect(result.status == 0 && !result.output.isEmpty && result.errors.isEmpty, "\(arguments)")
    }
    let wrong = [
      ["bogus"], ["tail"], ["tail", "predictions", "--max", "-1"], ["tail", "predictions", "--from", "yesterday"],
      ["produce", "exampels"], ["produce", "labels", "--binary"], ["produce", "examples", "--binary"],
      ["produce", "labels", "--model", "m"], ["topics", "lst"], ["doctor", "--jsn"],
    ]
    for arguments in wrong {
      let result = try Run.process(Run.leeway, arguments, in: scratch.path)
      #expect(result.status == 2 && result.output.isEmpty && !result.errors.isEmpty, "\(arguments)")
    }
  }

  @Test("Without a log, commands that read say how to make one and make none")
  func noLog() throws {
    for arguments in [["topics"], ["topics", "check"], ["tail", "labels"], ["produce", "labels"]] {
      let result = try Run.process(Run.leeway, arguments, in: scratch.path)
      #expect(result.status == 1, "\(arguments)")
      #expect(result.errors.contains("there is no log") && result.errors.contains("leeway topics create"))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
  }

  @Test("topics create makes every topic once; check agrees with it and finds what differs")
  func topics() throws {
    try createTopics()
    #expect(try leeway("topics", "create").output == "all topics are there already\n")
    #expect(try leeway("topics", "check").status == 0)
    let list = try leeway("topics", "list", "--json")
    #expect(try Set(list.lines.map { try json($0)["topic"] as? String }) == Set(Topic.allCases.map(\.rawValue)))

    try scratch.write("other.yaml", "topics: {partitions: 5, prefix: \"\"}")
    let doctor = try leeway("doctor", "--config", "other.yaml")
    #expect(doctor.status == 1 && doctor.output.contains("partitions instead of"), "the engine would not start")
    try scratch.write("prefixed.yaml", "topics: {prefix: \"x.\"}")
    let absent = try leeway("doctor", "--config", "prefixed.yaml")
    #expect(absent.status == 0 && absent.lines.filter { $0.contains("missing: ") }.count == 1, "\(absent.output)")
    #expect(try leeway("topics", "list", "--config", "prefixed.yaml", "--json").lines.isEmpty)
    #expect(
      try leeway("topics", "list", "--all", "--config", "prefixed.yaml", "--json").lines.count == Topic.allCases.count)
    let check = try leeway("topics", "check", "--config", "other.yaml", "--json")
    #expect(check.status == 1)
    #expect(check.lines.count == Topic.allCases.filter { $0.partitionSetting == .events }.count)
    #expect(check.output.contains("set topics.partitions to 4"))
    #expect(try leeway("topics", "check", "--config", "prefixed.yaml").lines.count == Topic.allCases.count)
  }

  @Test("A produced event is in the partition of its key, and tail shows it as it was written")
  func produceAndTail() throws {
    try createTopics()
    let produced = try leeway("produce", "predictions", "--event-time", input: Self.prediction + "\n")
    #expect(produced.status == 0, "\(produced.errors)")
    #expect(produced.output == "1 events appended to predictions\n")
    let partition = Murmur2.partition(of: Array("p-1".utf8), among: 4)
    let plain = try leeway("tail", "predictions")
    #expect(plain.output == "predictions/\(partition) @0 2025-11-05T12:27:58.901Z p-1 \(Self.prediction)\n")
    let line = try #require(try leeway("tail", "predictions", "--json").lines.first)
    #expect(
      line == #"{"topic":"predictions","partition":\#(partition),"offset":0,"timestamp":1762345678901,"#
        + #""key":"p-1","headers":[],"value":\#(Self.prediction)}"#)
  }

  @Test("With features from their own topic, events are keyed by entity")
  func entityKeys() throws {
    try scratch.write("leeway.yaml", "time: {features_topic: true}")
    try createTopics()
    let label = #"{"prediction":"p-1","model":"m","time":1,"label":1,"entity":"c-1"}"#
    #expect(try leeway("produce", "labels", input: label).status == 0)
    #expect(try leeway("tail", "labels").output.contains(" c-1 {"))
    let without = try leeway("produce", "labels", input: #"{"prediction":"p-1","model":"m","time":1,"label":1}"#)
    #expect(without.status == 1 && without.errors.contains("standard input:1:"))
  }

  @Test("Bad lines are told by number and left out, the others go in, and the status is 1")
  func badLines() throws {
    try createTopics()
    let good = #"{"prediction":"p","model":"m","time":1,"label":1}"#
    let bad = [
      "nonsense", "[]", "{", #"{"prediction":"p","model":"m","time":1}"#,
      #"{"prediction":"","model":"m","time":1,"label":1}"#,
      #"{"prediction":"p","model":"m","time":"yesterday","label":1}"#,
      #"{"prediction":"p","model":"m","time":1,"label":NaN}"#,
      String(repeating: "[", count: 10_000), "null",
    ]
    let input = bad.map { good + "\n" + $0 + "\n\n" }.joined() + good
    let result = try leeway("produce", "labels", "--json", input: input)
    #expect(result.status == 1)
    #expect(result.output == #"{"topic":"labels","appended":10,"bad":9,"undelivered":0}"# + "\n")
    for index in bad.indices {
      #expect(result.errors.contains("standard input:\(3 * index + 2): "), "\(bad[index].prefix(40))")
    }
    #expect(try leeway("tail", "labels").lines.count == 10)
  }

  @Test("A CSV file, packed or not, makes the same events as JSON does")
  func csv() throws {
    try createTopics()
    let text = """
      id,model,version,time,prediction,age,features.job,segments.channel
      p-1,m,1,2025-11-05T12:27:58.901Z,0.183,41,technician,cellular
      p-2,m,1,1762345678901,yes,,"clerk, senior",
      p-3,m,0,1762345678901,0.5,1,x,y
      p-4,m,,1762345678901,0.5,1,x,y
      p-5,m,1,noon,0.5,1,x,y
      p-6,m
      """
    let packed = try scratch.write("rows.bin", gzip(Array(text.utf8)))
    let result = try leeway("produce", "predictions", "--csv", packed)
    #expect(result.status == 1)
    for line in [4, 5, 6, 7] { #expect(result.errors.contains("rows.bin:\(line): "), "\(line)") }
    let values = try leeway("tail", "predictions", "--json").lines.map { String($0.split(separator: "\"value\":")[1]) }
    #expect(
      values.sorted() == [
        #"{"id":"p-1","model":"m","version":1,"time":1762345678901,"features":{"age":41,"job":"technician"},"prediction":0.183,"segments":{"channel":"cellular"}}}"#,
        #"{"id":"p-2","model":"m","version":1,"time":1762345678901,"features":{"age":null,"job":"clerk, senior"},"prediction":"yes"}}"#,
      ])
    let labels = try scratch.write("labels.csv", "prediction,time,label\np-1,5,1\np-2,6,no\n")
    #expect(try leeway("produce", "labels", "--csv", labels, "--model", "m").status == 0)
    let missing = try leeway("produce", "labels", "--csv", labels)
    #expect(missing.status == 1 && missing.errors.contains("no column \"model\"") && missing.errors.contains("--model"))
  }

  @Test("A source that breaks off costs none of the events before it")
  func truncatedSource() throws {
    try createTopics()
    let rows = (0..<20_000).map { "e-\($0),\($0),\($0 * 7_919 % 10_007)" }.joined(separator: "\n")
    let packed = gzip(Array(("entity,time,x\n" + rows).utf8))
    let path = try scratch.write("cut.csv.gz", Array(packed.dropLast(100)))
    let result = try leeway("produce", "features", "--csv", path)
    #expect(result.status == 1)
    #expect(result.errors.contains("cut short at byte \(packed.count - 100)"))
    #expect(try leeway("tail", "features").lines.count > 15_000)
  }

  @Test("tail starts where it is told, stops after --max, and keeps to a partition")
  func tailPositions() throws {
    try createTopics()
    let lines = (0..<100).map { #"{"entity":"e-\#($0)","time":\#($0 * 1_000),"features":{}}"# }
    #expect(try leeway("produce", "features", "--event-time", input: lines.joined(separator: "\n")).status == 0)
    let all = try leeway("tail", "features", "--json").lines.map { try json($0) }
    #expect(all.compactMap { $0["timestamp"] as? Int } == (0..<100).map { $0 * 1_000 })
    let late = try leeway("tail", "features", "--json", "--from", "1970-01-01T00:01:00Z").lines.map { try json($0) }
    #expect(late.count >= 40 && late.contains { $0["timestamp"] as? Int == 99_000 })
    #expect(try leeway("tail", "features", "--max", "7").lines.count == 7)
    #expect(try leeway("tail", "features", "--max", "0").output.isEmpty)
    #expect(try leeway("tail", "features", "--from", "end").output.isEmpty)
    let third = try leeway("tail", "features", "--partition", "3", "--from", "5", "--json").lines.map { try json($0) }
    #expect(third.first?["offset"] as? Int == 5)
    #expect(third.allSatisfy { $0["partition"] as? Int == 3 })
    let absent = try leeway("tail", "features", "--partition", "4")
    #expect(absent.status == 1 && absent.errors.contains("they are 0 to 3"))
    let misspelt = try leeway("tail", "feature")
    #expect(misspelt.status == 1 && misspelt.errors.contains("did you mean \"features\"?"))
  }

  @Test("tail --follow shows what is appended after it has started")
  func follow() throws {
    try createTopics()
    let output = try scratch.write("out", "")
    let process = try TestProcess(
      Run.leeway, ["tail", "predictions", "--follow", "--from", "start", "--max", "2", "--json"], in: scratch.path,
      output: output)
    for id in ["p-1", "p-2"] {
      let event = Self.prediction.replacingOccurrences(of: "p-1", with: id)
      #expect(try leeway("produce", "predictions", input: event).status == 0)
    }
    #expect(try process.wait() == 0)
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: output)), as: UTF8.self)
    #expect(text.split(separator: "\n").count == 2)
  }

  @Test("A reader that goes away ends tail without a word")
  func brokenPipe() throws {
    try createTopics()
    let lines = (0..<20_000).map { #"{"entity":"e-\#($0)","time":\#($0),"features":{}}"# }
    #expect(try leeway("produce", "features", input: lines.joined(separator: "\n")).status == 0)
    let command = "trap '' PIPE; '\(Run.leeway.path)' tail features | head -n 1"
    let result = try Run.process(URL(fileURLWithPath: "/bin/sh"), ["-c", command], in: scratch.path)
    #expect(result.lines.count == 1 && result.errors.isEmpty)
  }

  @Test("doctor: a good set-up, a file that is no log, a folder that is not there, a configuration that is wrong")
  func doctor() throws {
    let before = try leeway("doctor")
    #expect(before.status == 0 && before.output.contains("warning  log: there is none"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    try createTopics()
    let good = try leeway("doctor", "--json")
    #expect(good.status == 0)
    let checks = try good.lines.map { try json($0) }
    #expect(checks.allSatisfy { $0["status"] as? String != "failed" })
    let names = Set(checks.compactMap { $0["check"] as? String })
    #expect(
      names.isSuperset(of: [
        "configuration", "permissions", "disk space", "log", "SQLite", "zlib", "librdkafka", "OpenBLAS",
      ]))

    let empty = try scratch.write("empty.db", "")
    let noContent = try leeway("doctor", "--log", empty)
    #expect(noContent.status == 0 && noContent.output.contains("warning  log: there is none"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: empty)).isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).allSatisfy { !$0.hasPrefix("empty.db.") })
    let text = try scratch.write("notes.txt", "these are notes, not a log; they are long enough for a header of a file")
    let noLog = try leeway("doctor", "--log", text)
    #expect(noLog.status == 1 && noLog.output.contains("failed   log: "))
    let noFolder = try leeway("doctor", "--log", "absent/leeway.db")
    #expect(noFolder.status == 1 && noFolder.output.contains("remedy: mkdir -p"))
    try scratch.write("wrong.yaml", "time: {pane: ten}")
    let wrong = try leeway("doctor", "--config", "wrong.yaml")
    #expect(wrong.status == 1 && wrong.output.contains("failed   configuration: wrong.yaml:1: time.pane"))
  }
}

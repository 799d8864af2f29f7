import Bytes
import EventLog
import Events
import Foundation
import Log
import Testing

@testable import leeway

/// The binary form's ways into a log and out of it again.
@Suite("Binary predictions")
struct BinaryCommandTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    _ = try Run.leeway("topics", "create", in: scratch.path)
  }

  private static let text =
    #"{"id":"p-1","model":"m","version":1,"time":1762345678901,"features":{"age":41,"job":"clerk","x":null},"#
    + #""prediction":0.183}"#

  /// Values in the log, whichever form they have.
  private func values() throws -> [ByteSlice] {
    let log = try EmbeddedLog(path: scratch.file("leeway.db"))
    let reader = try log.makeReader()
    defer { reader.close() }
    return try (0..<4).flatMap { partition in
      try reader.read(TopicPartition("predictions", partition), from: 0, limit: ReadLimit(records: 100, bytes: 1 << 20))
        .records.compactMap(\.record.value)
    }
  }

  private func shown() throws -> [String] {
    try Run.leeway("tail", "predictions", "--json", in: scratch.path).lines
      .map { String($0.split(separator: #""headers":[],"#)[1]) }
  }

  @Test("--binary writes what it reads as JSON or CSV in the binary form; tail shows it as JSON") func converts() throws
  {
    let lines = try Run.leeway("produce", "predictions", "--binary", input: Self.text + "\n", in: scratch.path)
    #expect(lines.status == 0 && lines.output == "1 events appended to predictions\n", "\(lines.errors)")
    let event = try Prediction.decode(Array(Self.text.utf8)[...])
    #expect(try values() == [try #require(BinaryEvent.encode(event))[...]])
    #expect(try shown() == [#""form":"binary","value":\#(Self.text)}"#])
    let plain = try Run.leeway("tail", "predictions", in: scratch.path)
    #expect(plain.output.hasSuffix(" p-1 \(Self.text)\n"))

    let csv = try scratch.write("f.csv", "id,time,version,prediction,age,job,x\np-1,1762345678901,1,0.183,41,clerk,\n")
    let table = try Run.leeway(
      "produce", "predictions", "--binary", "--csv", csv, "--model", "m", in: scratch.path)
    #expect(table.status == 0, "\(table.errors)")
    let both = try values()
    #expect(both.count == 2 && both[0] == both[1])
  }

  @Test("What the form has no room for is written as JSON") func fallsBack() throws {
    let large = Self.text.replacingOccurrences(of: #""version":1"#, with: #""version":4294967296"#)
    let produced = try Run.leeway("produce", "predictions", "--binary", input: large, in: scratch.path)
    #expect(produced.status == 0, "\(produced.errors)")
    #expect(try shown() == [#""value":\#(large)}"#])
  }

  @Test("Binary events one behind the other are read from standard input, as another program writes them")
  func reads() throws {
    let event = try Prediction.decode(Array(Self.text.utf8)[...])
    var other = event
    other.id = String(repeating: "ä", count: 200)
    other.features = (0..<2_000).map { Feature(name: "feature \($0)", value: .number(Double($0))) }
    var wrong = try #require(BinaryEvent.encode(event))
    wrong[2] = 9
    let events = try [event, other, event].map { try #require(BinaryEvent.encode($0)) }
    let input = events[0] + events[1] + wrong + events[2]
    let produced = try Run.process(
      Run.leeway, ["produce", "predictions", "--binary"], input: gzip(input), in: scratch.path)
    #expect(produced.status == 1 && produced.output == "3 events appended to predictions, 1 bad lines left out\n")
    #expect(produced.errors.contains("standard input:3: "))
    #expect(try Set(values()) == Set(events.map { $0[...] }))
    let asJSON = try Run.process(Run.leeway, ["produce", "predictions"], input: events[0], in: scratch.path)
    #expect(asJSON.status == 0, "\(asJSON.errors)")
    #expect(try values().contains(event.encoded()[...]))
    for (input, reason) in [
      (events[0] + events[0].dropLast(), "event 2 is cut short"), (events[0] + [0xb1], "event 2 is cut short"),
      (events[0] + [0x0a] + events[0], "event 2 does not begin"),
      ([0xb1] + [UInt8](repeating: 0xff, count: 100), "event 1 has"),
    ] {
      let broken = try Run.process(Run.leeway, ["produce", "predictions"], input: input, in: scratch.path)
      #expect(broken.status == 1 && broken.errors.contains(reason), "\(broken.errors)")
    }
    let labels = try Run.process(Run.leeway, ["produce", "labels"], input: events[0], in: scratch.path)
    #expect(labels.status == 1)
  }
}

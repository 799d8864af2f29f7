import Bytes
import Events
import Foundation
import Log
import TestSupport
import Testing

@testable import leeway

@Suite("Records on the terminal")
struct RecordLineTests {
  private let partition = TopicPartition("t", 3)

  private func stored(_ key: [UInt8]?, _ value: [UInt8]?, _ headers: [Header] = []) -> StoredRecord {
    StoredRecord(
      offset: 9, record: Record(timestamp: 0, key: key.map { $0[...] }, value: value.map { $0[...] }, headers: headers))
  }

  private func text(_ record: StoredRecord, _ topic: Topic? = nil) -> String {
    String(decoding: RecordLine.text(record, partition, topic), as: UTF8.self)
  }
  private func json(_ record: StoredRecord, _ topic: Topic? = nil) -> String {
    String(decoding: RecordLine.json(record, partition, topic), as: UTF8.self)
  }

  @Test("For people: nothing that steers a terminal, nothing that breaks the line")
  func escapes() {
    #expect(text(stored(nil, nil)) == "t/3 @9 1970-01-01T00:00:00.000Z - (no value)")
    #expect(text(stored([], Array("a\u{1b}[2J\nb\u{202e}".utf8))).hasSuffix(#" "" a\u{1B}[2J\nb\u{202E}"#))
    #expect(text(stored(Array("k".utf8), [0xff, 0xfe])).hasSuffix(" k (2 bytes)"))
    #expect(text(stored(nil, [0x61], [Header("ce_type", "x")])).hasSuffix(" - a ce_type=x"))
    for byte in UInt8(0)...31 { #expect(!RecordLine.text(stored([byte], [byte]), partition, nil).contains(byte)) }
  }

  @Test("For programs: valid JSON on one line, whatever the record holds")
  func values() throws {
    var random = SplitMix64(seed: 1)
    let samples: [[UInt8]?] =
      [nil, [], Array("{\n\"a\" :\r\n[1]}".utf8), Array("\"x".utf8), [0xff], Array("NaN".utf8), Array("1".utf8)]
      + (0..<500).map { _ in
        (0..<Int.random(in: 0...8, using: &random)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      }
    for sample in samples {
      let line = json(stored(sample, sample, [Header("h", (sample ?? [])[...])]))
      #expect(!line.contains("\n"))
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(object["offset"] as? Int == 9 && object["partition"] as? Int == 3)
      if let base64 = object["base64"] as? String { #expect(Data(base64Encoded: base64) == sample.map { Data($0) }) }
    }
    #expect(json(stored(nil, Array(#"{"b": 1.50, "a":"é"}"#.utf8))).hasSuffix(#","value":{"b": 1.50, "a":"é"}}"#))
    #expect(json(stored(nil, nil)).hasSuffix(#""key":null,"headers":[],"value":null}"#))
  }

  @Test("A prediction in the binary form is shown as the JSON of the same event, in its own topic and if it is whole")
  func binary() throws {
    let event = Prediction(
      id: "p", model: "m", version: 1, time: 9, features: [Feature(name: "job", value: .category("a\u{1b}[2J\n"))],
      score: .probabilities([0.25, 0.75]), segments: [Segment(name: "s", value: "é")])
    let bytes = try #require(BinaryEvent.encode(event))
    let value = String(decoding: event.encoded(), as: UTF8.self)
    #expect(text(stored(nil, bytes), .predictions).hasSuffix(" - " + value))
    #expect(json(stored(nil, bytes), .predictions).hasSuffix(#""headers":[],"form":"binary","value":\#(value)}"#))
    #expect(json(stored(nil, event.encoded()), .predictions).hasSuffix(#""headers":[],"value":\#(value)}"#))
    for (bytes, topic) in [(bytes, Topic.labels), (bytes, nil), (Array(bytes.dropLast()), .predictions)] {
      #expect(text(stored(nil, bytes), topic).hasSuffix(" - (\(bytes.count) bytes)"))
      #expect(json(stored(nil, bytes), topic).contains(#""value":null,"base64":"#))
    }
  }
}

@Suite("Where tail starts")
struct LogEdgeTests {
  @Test(
    "Words, offsets, times",
    arguments: [
      ("start", LogEdge.start), ("end", .end), ("0", .offset(0)), ("12", .offset(12)),
      ("1970-01-01T00:00:01Z", .time(1_000)), ("1970-01-01T01:00:00+01:00", .time(0)),
    ])
  func forms(text: String, expected: LogEdge) {
    #expect(LogEdge(argument: text) == expected)
  }

  @Test("Anything else is wrong usage", arguments: ["", "-1", "1.5", "now", "2025-11-05", "99999999999999999999"])
  func others(text: String) {
    #expect(LogEdge(argument: text) == nil)
  }
}

@Suite("SQLite versions")
struct SQLiteVersionTests {
  @Test(
    "The checkpoint defect: 3.7.0 to 3.51.2, but for 3.50.7 and what follows it in that line",
    arguments: [
      ("3.6.23", false), ("3.7.0", true), ("3.40.1", true), ("3.50.6", true), ("3.50.7", false), ("3.50.12", false),
      ("3.51.0", true), ("3.51.2", true), ("3.51.3", false), ("3.52", false), ("4.0.0", false),
    ])
  func defect(version: String, expected: Bool) {
    #expect(SQLiteVersion(version)?.hasCheckpointDefect == expected)
    #expect(LibraryExamination.sqlite(version: version).status == (expected ? .warning : .ok))
  }

  @Test("What is no version", arguments: ["", "3", "3.x.1", "three"])
  func unknown(version: String) {
    #expect(SQLiteVersion(version) == nil)
    #expect(LibraryExamination.sqlite(version: version).status == .warning)
    #expect(LibraryExamination.sqlite(version: nil).remedy != nil)
  }
}

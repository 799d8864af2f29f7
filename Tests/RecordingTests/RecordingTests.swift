import Bytes
import Foundation
import Log
import TestSupport
import Testing

@testable import Recording

@Suite("Recordings")
struct RecordingTests {
  private func expectSame(_ left: [(place: Int, stored: StoredRecord)], _ right: [(place: Int, stored: StoredRecord)]) {
    #expect(left.map(\.place) == right.map(\.place))
    #expect(left.map(\.stored) == right.map(\.stored))
  }

  @Test("What is written is read, with its topics and totals, as often as one likes")
  func roundTrip() throws {
    for records in [[], Samples.few, Samples.many(30_000, seed: 1), Samples.many(9_000, seed: 2, gaps: false)] {
      let reader = try RecordingReader(bytes: try Samples.recording(records))
      #expect(reader.topics.topics.map(\.name) == ["labels", "predictions"])
      #expect(reader.topics.topics == Samples.topics.sorted { $0.name < $1.name })
      #expect(reader.summary.records == Int64(records.count))
      for place in reader.topics.places.indices {
        let own = records.filter { $0.place == place }.map(\.stored)
        let total = reader.summary.places[place]
        #expect(total.records == Int64(own.count))
        #expect(total.offsets == (own.first?.offset ?? 0)..<(own.last.map { $0.offset + 1 } ?? 0))
        #expect(total.times?.lowerBound == own.map(\.record.timestamp).min())
        #expect(total.times?.upperBound == own.map(\.record.timestamp).max())
      }
      for _ in 0..<2 {
        expectSame(try Samples.records(reader), records)
        #expect(try reader.next() == nil)
        reader.rewind()
      }
      try reader.verify()
      expectSame(try Samples.records(reader), records)
    }
  }

  @Test("Every mix of keys, values, places and gaps in three records is read as it was written")
  func everyMix() throws {
    let texts: [ArraySlice<UInt8>?] = [nil, [], [1, 2]]
    let kinds = (0..<2).flatMap { place in
      texts.flatMap { key in texts.flatMap { value in [0, 3].map { (place, key, value, Int64($0)) } } }
    }
    for kinds in everyArray(over: kinds.enumerated().filter { $0.offset % 5 == 0 }.map(\.element), upTo: 3) {
      var next: [Int64] = [0, 0]
      let records = kinds.enumerated().map { index, kind in
        next[kind.0] += kind.3
        defer { next[kind.0] += 1 }
        let record = Record(timestamp: Int64(index) * -7, key: kind.1, value: kind.2)
        return (place: kind.0, stored: StoredRecord(offset: next[kind.0], record: record))
      }
      var encoder = FrameEncoder()
      var ends: [Int64] = [0, 0]
      for (place, stored) in records {
        encoder.append(stored.record, place: place, skipped: stored.offset - ends[place])
        ends[place] = stored.offset + 1
      }
      guard !records.isEmpty else { continue }
      var decoder = FrameDecoder(places: 2)
      let block = try decoder.decode(encoder.take().body, count: records.count)
      #expect(block.records == records.map(\.stored))
    }
  }

  @Test("The same records give the same bytes, and the same content whatever their offsets")
  func sameBytes() throws {
    let dense = Samples.many(20_000, seed: 3, gaps: false)
    let bytes = try Samples.recording(dense)
    #expect(try Samples.recording(dense) == bytes)
    let moved = dense.map {
      (place: $0.place, stored: StoredRecord(offset: $0.stored.offset * 3 + 8, record: $0.stored.record))
    }
    let other = try Samples.recording(moved)
    #expect(other != bytes)
    let renamed = Samples.topics.map { RecordedTopic(name: "x." + $0.name, partitions: $0.partitions) }
    let contents = try [bytes, other, try Samples.recording(dense, renamed)].map {
      try RecordingReader(bytes: $0).summary.content
    }
    #expect(Set(contents).count == 1)
    var changed = dense
    changed[777].stored.record.timestamp += 1
    #expect(try RecordingReader(bytes: try Samples.recording(changed)).summary.content != contents[0])
  }

  @Test("The bytes of a small recording are these, and those of a larger one have this checksum, on every machine")
  func golden() throws {
    let few = hexadecimal(try Samples.recording(Samples.few))
    #expect(
      few
        == "894c575245430a01010000000000000016000000160000000000000000000000c5c40839cd37f0a102066c6162656c73"
        + "020b70726564696374696f6e7302020100000600000067000000700000000100000000000000d7fca80d918ad162f10b"
        + "08220606060a0c0504040202000103020001eae0e7bfca6601e7070014ff01002401010a00f02fff0104000102020003"
        + "0100020002000004000100000101010000020203000563655f69640002c3bc0161702d316b6b3178c3bc7b7d76000302"
        + "29010701010301000000000000330000003d000000020000000000000041b792c76bec7529f1020402292b0100000200"
        + "02e8e0e7bfca66ea06004402070aff01002501fe0a00f001ba6357cbac0c52436494c3456f547328c500000000000000"
        + "454e444c5752450a")
    let many = try Samples.recording(Samples.many(9_000, seed: 1))
    #expect(many.count == 241_008)
    #expect(XXH64.hash(many) == 18_219_108_302_372_569_762)
  }

  @Test("An unfinished recording leaves nothing, and what stood at its place stays")
  func unfinished() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("r.lwr")
    try Data("before".utf8).write(to: URL(fileURLWithPath: path))
    try Data("of one that was killed".utf8).write(to: URL(fileURLWithPath: RecordingWriter.partialPath(of: path)))
    do {
      let writer = try RecordingWriter(path: path, topics: RecordedTopics(Samples.topics))
      for (place, stored) in Samples.many(9_000, seed: 4) { try writer.append(stored, place: place) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("")) == ["r.lwr"])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "before")
    #expect(throws: RecordingError.self) { try RecordingWriter(path: folder.path("no/r"), topics: RecordedTopics([])) }
  }

  @Test("A record out of order, of no place or too large is refused, and so are topics that are none")
  func refused() throws {
    let folder = try TemporaryFolder()
    let writer = try RecordingWriter(path: folder.path("r.lwr"), topics: RecordedTopics(Samples.topics))
    let record = Record(timestamp: 1, value: [1])
    try writer.append(StoredRecord(offset: 5, record: record), place: 1)
    for (offset, place) in [(5, 1), (0, 1), (-1, 0), (6, 4), (6, -1), (Int.max, 0)] {
      #expect(throws: RecordingError.self) {
        try writer.append(StoredRecord(offset: Int64(offset), record: record), place: place)
      }
    }
    let large = Record(timestamp: 1, value: nil, headers: Array(repeating: Header("h", []), count: 1 << 17))
    #expect(throws: RecordingError.self) { try writer.append(StoredRecord(offset: 6, record: large), place: 1) }
    try writer.append(StoredRecord(offset: 6, record: record), place: 1)
    #expect(try writer.finish().records == 2)
    for topics in [
      [RecordedTopic(name: "", partitions: 1)], [RecordedTopic(name: "a", partitions: 0)],
      [RecordedTopic(name: "a", partitions: 1), RecordedTopic(name: "a", partitions: 1)],
      [RecordedTopic(name: "a", partitions: 1 << 16), RecordedTopic(name: "b", partitions: 1 << 17)],
    ] { #expect(throws: RecordingError.self) { try RecordedTopics(topics) } }
  }
}

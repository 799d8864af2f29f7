import Bytes
import TestSupport
import Testing
import Windows

@Suite("Open panes")
struct OpenPanesTests {
  private static func encoded(_ panes: OpenPanes<[Int]>) -> [UInt8] {
    var writer = ByteWriter()
    panes.encode(into: &writer) { writer, rows in writer.append(rows) { $0.append(count: $1) } }
    return writer.bytes
  }

  private static func decode(
    _ length: Int64, _ lateness: Int64, _ reader: inout ByteReader
  ) throws(ByteError) -> OpenPanes<[Int]> {
    try OpenPanes(length: length, lateness: lateness, from: &reader) { reader throws(ByteError) in
      try reader.array { reader throws(ByteError) in try reader.index() }
    }
  }

  @Test(
    "Each row is in its pane or counted late, and a pane closes once, oldest first, when it is due",
    arguments: 1...60 as ClosedRange<UInt64>)
  func schedule(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let length = Int64(1 + generator.below(20))
    let lateness = Int64(generator.below(3) * generator.below(15))
    var panes = OpenPanes<[Int]>(length: length, lateness: lateness)
    var waiting: [Int64: [Int]] = [:]
    var (closed, late, newest) = ([Int64](), 0, Int64(-100))
    for row in 0..<400 {
      let time = newest - Int64(generator.below(40))
      let start = Int64((Double(time) / Double(length)).rounded(.down)) * length
      let due = closed.contains(start) || start + length + lateness <= panes.watermark
      let accepted = panes.update(at: time, empty: []) { $0.append(row) }
      #expect(panes.start(of: time) == start && accepted != due)
      if due { late += 1 } else { waiting[start, default: []].append(row) }
      newest += Int64(generator.below(4))
      guard generator.below(5) == 0 else { continue }
      let watermark = newest - Int64(generator.below(30))
      let reached = max(watermark, panes.watermark)
      let expected = waiting.filter { $0.key + length + lateness <= reached }.sorted { $0.key < $1.key }
      let given = panes.advance(to: watermark)
      #expect(given.map(\.start) == expected.map(\.key) && given.map(\.aggregate) == expected.map(\.value))
      #expect(given.allSatisfy { $0.end == $0.start + length && $0.rows == $0.aggregate.count })
      for pane in given { waiting[pane.start] = nil }
      closed += given.map(\.start)
      var reader = ByteReader(Self.encoded(panes))
      let restored = try Self.decode(length, lateness, &reader)
      #expect(restored == panes)
      panes = restored
    }
    #expect(panes.lateRows == late)
  }

  @Test("The ends of time")
  func extremes() {
    var panes = OpenPanes<[Int]>(length: 1_000, lateness: .max)
    for (row, time) in [Int64.min, .min + 1, -1, 0, .max].enumerated() {
      let accepted = panes.update(at: time, empty: []) { $0.append(row) }
      #expect(accepted && panes.start(of: time) <= time)
    }
    // The pane of time -1 is due at the very last time, later ones never.
    let first = panes.advance(to: .max).map(\.aggregate)
    #expect(first == [[0, 1], [2]])
    #expect(panes.start(of: -1) == -1_000 && panes.start(of: 999) == 0 && panes.start(of: .min) == .min)
    #expect(OpenPanes<[Int]>(length: 0, lateness: -5).length == 1)
    #expect(OpenPanes<[Int]>(length: 0, lateness: -5).lateness == 0)
  }

  @Test("Hostile bytes are refused or harmless")
  func hostile() {
    var panes = OpenPanes<[Int]>(length: 10, lateness: 5)
    for row in 0..<40 { _ = panes.update(at: Int64(row * 7 % 60) - 20, rows: 3, empty: []) { $0.append(row) } }
    _ = panes.advance(to: 0)
    expectHarmless(Self.encoded(panes)) { reader throws(ByteError) in
      try Self.decode(10, 5, &reader)
    } check: { decoded in
      var decoded = decoded
      let starts = decoded.advance(to: .max - 20).map(\.start)
      return starts == starts.sorted() && starts.allSatisfy { decoded.start(of: $0) == $0 }
    }
  }
}

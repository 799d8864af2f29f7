import Bytes
import TestSupport
import Testing

@testable import Sketches

@Suite("Frequent items: bytes")
struct FrequentImageTests {
  private static func bytes(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
  }

  /// Made by `datasketches` 5.2.0 of six items that came once to six times.
  private static let golden = bytes(
    """
    04010a0403000000060000000000000015000000000000000000000000000000030000000000000005000000000000000600000000000000\
    010000000000000004000000000000000200000000000000060000006c65657761792600000061206c6f6e672074657874206f66206d6f72\
    65207468616e207369787465656e20627974657302000000c3a40100000061000000000100000062
    """)

  /// The same after a purge.
  private static let purged = bytes(
    """
    04010a030300000002000000000000006e000000000000000a000000000000003300000000000000020000000000000001000000370100\
    000038
    """)

  @Test("Images of the library are read")
  func golden() throws {
    let items = ["a", "b", "leeway", "", "a long text of more than sixteen bytes", "ä"]
    var own = FrequentItems(lgMaxSize: 4)
    for (index, item) in items.enumerated() { own.update(item, count: index + 1) }
    let read = try FrequentItems(decoding: Self.golden)
    #expect(read == own && read.checkInvariants() == nil && own.encode().count == Self.golden.count)
    let purged = try FrequentItems(decoding: Self.purged)
    #expect(purged.maximumError == 10 && purged.total == 110 && purged.checkInvariants() == nil)
    #expect(
      purged.frequentItems(.noFalseNegatives) == [
        FrequentItem(item: "7", lowerBound: 51, upperBound: 61), FrequentItem(item: "8", lowerBound: 2, upperBound: 12),
      ])
    #expect(FrequentItems(lgMaxSize: 4).encode() == Self.bytes("01010a0403050000"))
  }

  @Test("Written bytes: golden")
  func written() {
    var sketch = FrequentItems(lgMaxSize: 4)
    sketch.update("b", count: 2)
    sketch.update("a")
    #expect(
      sketch.encode()
        == Self.bytes(
          """
          04010a0403000000020000000000000003000000000000000000000000000000\
          01000000000000000200000000000000 01000000 61 01000000 62
          """))
  }

  private static func samples() -> [FrequentItems] {
    [0, 1, 5, 40, 900].map { count in
      FrequentItemsTests.sketch(FrequentItemsTests.stream(count, levels: 60, seed: 5), lgMaxSize: 4)
    }
  }

  @Test("Round trip, and hostile bytes")
  func coding() throws {
    for sketch in Self.samples() {
      var writer = ByteWriter()
      sketch.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try FrequentItems(from: &reader) == sketch)
      try reader.expectEnd()
      #expect(try FrequentItems(decoding: sketch.encode()).encode() == sketch.encode())
      expectHarmless(sketch.encode()) { reader throws(ByteError) in
        try FrequentItems(decoding: try reader.raw(reader.remaining))
      } check: {
        $0.checkInvariants() == nil && $0.total <= SketchLimits.count
      }
    }
  }

  @Test("Hostile bytes: random behind a header, and sizes that the bytes do not hold")
  func random() {
    var generator = SplitMix64(seed: 2)
    for _ in 0..<3_000 {
      var bytes: [UInt8] = [4, 1, 10, UInt8(3 + generator.below(18)), 3, 0, 0, 0]
      bytes += [UInt8(generator.below(4)), 0, 0, 0, 0, 0, 0, 0]
      bytes += (0..<generator.below(90)).map { _ in UInt8(generator.below(3)) }
      if let sketch = try? FrequentItems(decoding: bytes) { #expect(sketch.checkInvariants() == nil) }
    }
    let zeros = [UInt8](repeating: 0, count: 24)
    let hostile: [[UInt8]] = [
      [4, 1, 10, 20, 3, 0, 0, 0, 255, 255, 255, 255] + zeros, [4, 1, 10, 21, 3, 0, 0, 0] + zeros,
      [4, 1, 10, 3, 4, 0, 0, 0] + zeros, [4, 2, 10, 4, 3, 0, 0, 0] + zeros, [4, 1, 7, 4, 3, 0, 0, 0] + zeros,
      [1, 1, 10, 4, 3, 0, 0, 0], [4, 1, 10, 4, 3, 5, 0, 0], [1, 1, 10, 2, 2, 5, 0, 0], [1, 1, 10, 4, 3, 5, 0, 0, 0],
      [],
    ]
    for bytes in hostile { #expect(throws: ByteError.self) { try FrequentItems(decoding: bytes) } }
  }

  @Test("Contradictions are refused: an item twice, counts beyond the total, text that is not UTF-8")
  func contradictions() {
    func image(_ items: [(bytes: [UInt8], count: Int)], total: Int, error: Int) -> [UInt8] {
      var writer = ByteWriter()
      writer.append(raw: [4, 1, 10, 4, 3, 0, 0, 0] as [UInt8])
      writer.append(fixed: items.count)
      writer.append(fixed: total)
      writer.append(fixed: error)
      for item in items { writer.append(fixed: item.count) }
      for item in items {
        writer.append(fixed: UInt32(item.bytes.count))
        writer.append(raw: item.bytes)
      }
      return writer.bytes
    }
    #expect(throws: Never.self) { try FrequentItems(decoding: image([([97], 2), ([98], 1)], total: 3, error: 0)) }
    #expect(throws: Never.self) { try FrequentItems(decoding: image([([97], 2)], total: 9, error: 1)) }
    for (items, total, error) in [
      ([([97], 2), ([97], 1)], 3, 0), ([([97], 2), ([98], 2)], 3, 1), ([([97], 2)], 3, 0), ([([97], 0)], 3, 1),
      ([([97], -1)], 3, 1), ([([0xff], 3)], 3, 0), ([([97], 3)], 3, -1), ([([97], 3)], 3, 4),
      ([([97], SketchLimits.count + 1)], SketchLimits.count + 1, 0), ([], 0, 0),
    ] as [([([UInt8], Int)], Int, Int)] {
      #expect(throws: ByteError.self) {
        try FrequentItems(decoding: image(items.map { (bytes: $0.0, count: $0.1) }, total: total, error: error))
      }
    }
  }
}

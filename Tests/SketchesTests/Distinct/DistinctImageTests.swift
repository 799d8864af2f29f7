import Bytes
import TestSupport
import Testing

@testable import Sketches

@Suite("Distinct counts: bytes")
struct DistinctImageTests {
  /// Images that `datasketches` 5.2.0 made of the integers 0..<count, after those of `first`.
  struct Golden: Sendable {
    let name: String
    let lgK: Int
    var first: [Int64] = []
    let count: Int64
    let compact: String
    var updatable: String?
    var packing: RegisterPacking?
  }

  private static func bytes(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
  }

  private static func zeros(_ count: Int) -> String { String(repeating: "00", count: count) }

  static let goldens = [
    Golden(
      name: "empty", lgK: 12, count: 0, compact: "0201070c030c0008",
      updatable: "0201070c03040008" + zeros(32)),
    Golden(
      name: "list", lgK: 12, first: [1, 2, 3], count: 0, compact: "0201070c030803002bf2fb06862ff90d75816607",
      updatable: "0201070c030003002bf2fb06862ff90d75816607" + zeros(20)),
    Golden(
      name: "set", lgK: 10, count: 20,
      compact: """
        0301070a050800051400000081bc5d06cef05b1f6ec53406862ff90ddb522d04cbd7c204b05b4612ae3c8811c1e91705d2167307\
        34a2610e75816607f671f206b83ff907464ab704fc2d420a7b65e6082bf2fb06c3dd51047c74b907
        """,
      updatable: """
        0301070a05000005140000000000000081bc5d0600000000cef05b1f6ec5340600000000862ff90d0000000000000000db522d04\
        00000000cbd7c20400000000b05b4612ae3c881100000000c1e9170500000000d21673070000000034a2610e75816607f671f206\
        00000000b83ff907464ab704fc2d420a7b65e6082bf2fb06c3dd5104000000007c74b907
        """),
    Golden(
      name: "registers of four bits", lgK: 4, count: 1_000,
      compact: "0a01070400080502abf2efb89ca791400000000000a0ca3f000000000000000003000000000000000331232120110522",
      updatable: """
        0a01070400000502abf2efb89ca791400000000000a0ca3f000000000000000003000000000000000331232120110522
        """ + zeros(16), packing: .four),
    Golden(
      name: "registers of six bits", lgK: 4, count: 1_000,
      compact: """
        0a01070400080006abf2efb89ca791400000000000a0ca3f00000000000000000000000000000000486120c8611cc561184a711c00
        """, packing: .six),
    Golden(
      name: "registers of eight bits", lgK: 4, count: 1_000,
      compact: """
        0a0107040008000aabf2efb89ca791400000000000a0ca3f000000000000000000000000000000000805060808070607050706060a\
        050707
        """, packing: .eight),
    Golden(
      name: "a register listed apart", lgK: 4, first: [0, 1, 2, 3, 4, 5, 6, 7, 14_441], count: 0,
      compact: """
        0a01070402080002ec055711df882240000000000440284000000000000000000b00000001000000f000100300200200010000\
        3c
        """,
      updatable: """
        0a01070402000002ec055711df882240000000000440284000000000000000000b00000001000000f00010030020020000000000\
        0100003c0000000000000000
        """, packing: .four),
    Golden(
      name: "an exception no more", lgK: 4, first: [0, 1, 2, 3, 4, 5, 6, 7, 14_441], count: 100,
      compact: "0a01070400080202ab6a2bbdde195640000000002000f73f00000000000000000200000000000000d251214121031025",
      packing: .four),
  ]

  @Test("Images of the library are read, and register images written as it writes them", arguments: goldens)
  func golden(golden: Golden) throws {
    var own = DistinctSketch(lgK: golden.lgK)
    own.update(all: golden.first)
    own.update(all: Array(0..<golden.count))
    let compact = Self.bytes(golden.compact)
    let read = try DistinctSketch(decoding: compact)
    #expect(read == own && read.estimate == own.estimate && read.checkInvariants() == nil)
    if let packing = golden.packing { #expect(own.encode(packing) == compact) }
    if let updatable = golden.updatable { #expect(try DistinctSketch(decoding: Self.bytes(updatable)) == own) }
  }

  /// List, set and registers, with one register so large that four bits list it apart, in one stream and merged.
  private static func samples() -> [DistinctSketch] {
    var samples: [DistinctSketch] = []
    for (lgK, count) in [(4, 0), (4, 5), (4, 100), (12, 7), (10, 30), (8, 40), (5, 20_000)] {
      var sketch = DistinctSketchTests.sketch(0..<count, lgK: lgK)
      samples.append(sketch)
      sketch.update(Int64(14_441))
      sketch.merge(DistinctSketchTests.sketch(count / 2..<2 * count, lgK: lgK))
      samples.append(sketch)
    }
    return samples
  }

  @Test("Round trip in every packing, alone and among other bytes", arguments: RegisterPacking.allCases)
  func roundTrip(packing: RegisterPacking) throws {
    for sketch in Self.samples() {
      let read = try DistinctSketch(decoding: sketch.encode(packing))
      #expect(read == sketch && read.estimate == sketch.estimate && read.checkInvariants() == nil)
      #expect(read.encode(packing) == sketch.encode(packing))
      var writer = ByteWriter()
      sketch.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try DistinctSketch(from: &reader) == sketch)
      try reader.expectEnd()
    }
  }

  @Test("Hostile bytes: cut, changed", arguments: RegisterPacking.allCases)
  func hostile(packing: RegisterPacking) {
    for sketch in Self.samples() {
      expectHarmless(sketch.encode(packing)) { reader throws(ByteError) in
        try DistinctSketch(decoding: try reader.raw(reader.remaining))
      } check: {
        $0.checkInvariants() == nil && $0.estimate >= 0 && $0.estimate <= 0x1p62
          && $0.lowerBound() <= $0.upperBound() * 1.000_001
      }
    }
  }

  @Test("Hostile bytes: random behind a header, and sizes that the bytes do not hold")
  func random() {
    var generator = SplitMix64(seed: 11)
    for trial in 0..<3_000 {
      let mode = UInt8(trial % 3)
      var bytes: [UInt8] = [[2, 3, 10][Int(mode)], 1, 7, UInt8(4 + generator.below(6)), UInt8(generator.below(40))]
      bytes += [UInt8(generator.below(32)), UInt8(generator.below(70)), mode | UInt8(generator.below(3)) << 2]
      bytes += (0..<generator.below(700)).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 8) }
      if let sketch = try? DistinctSketch(decoding: bytes) {
        #expect(sketch.checkInvariants() == nil && sketch.estimate <= 0x1p62)
      }
    }
    let huge: [[UInt8]] = [
      [3, 1, 7, 21, 30, 8, 0, 1, 255, 255, 255, 255], [3, 1, 7, 21, 30, 0, 0, 1, 255, 255, 255, 127],
      [3, 1, 7, 21, 255, 0, 0, 1, 1, 0, 0, 0], [2, 1, 7, 12, 3, 8, 255, 8],
      [10, 1, 7, 21, 0, 8, 0, 10] + [UInt8](repeating: 0, count: 32),
      [10, 1, 7, 4, 200, 0, 0, 2] + [UInt8](repeating: 0, count: 28) + [255, 255, 255, 255]
        + [UInt8](repeating: 255, count: 8),
      [2, 1, 7, 22, 3, 12, 0, 8], [2, 1, 7, 3, 3, 12, 0, 8], [2, 2, 7, 12, 3, 12, 0, 8], [2, 1, 8, 12, 3, 12, 0, 8],
      [2, 1, 7, 12, 3, 12, 0, 3], [2, 1, 7, 12, 3, 12, 0, 12], [3, 1, 7, 12, 3, 12, 0, 8], [],
    ]
    for bytes in huge { #expect(throws: ByteError.self) { try DistinctSketch(decoding: bytes) } }
  }

  @Test("Coupons that are not different ones are refused")
  func coupons() {
    let coupon: [UInt8] = [1, 0, 0, 4]
    let header: [UInt8] = [2, 1, 7, 12, 3, 8, 2, 8]
    #expect(throws: ByteError.self) { try DistinctSketch(decoding: header + coupon + coupon) }
    #expect(throws: ByteError.self) { try DistinctSketch(decoding: header + coupon + [0, 0, 0, 0]) }
    #expect(throws: ByteError.self) { try DistinctSketch(decoding: header + coupon + [2, 0, 0, 0]) }
    #expect(throws: Never.self) { try DistinctSketch(decoding: header + coupon + [2, 0, 0, 4]) }
  }
}

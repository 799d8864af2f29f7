import Bytes
import Sketches
import TestSupport
import Testing

@Suite("Column sketch")
struct ColumnSketchTests {
  private static let numeric = Binning.numeric(
    NumericBinning.build(sortedReference: (0..<100).map(Double.init)))
  private static let categories = Binning.categories(
    CategoryBinning.build(counts: ["a": 5, "b": 3, "3": 2, "z": 1]))

  private static func sketch(_ binning: Binning, _ seed: UInt64, _ rows: Int) -> ColumnSketch {
    var generator = SplitMix64(seed: seed)
    var sketch = ColumnSketch(binning: binning)
    for _ in 0..<rows {
      switch Int.random(in: 0..<10, using: &generator) {
      case 0: sketch.addMissing()
      case 1: sketch.add(number: .nan)
      case 2...5: sketch.add(number: Double(Int.random(in: -5...110, using: &generator)))
      default:
        sketch.add(
          category: ["a", "b", "q", "z", "u\(Int.random(in: 0...90, using: &generator))"]
            .randomElement(using: &generator) ?? "a")
      }
    }
    return sketch
  }

  @Test("Values go where they belong")
  func values() {
    var numbers = ColumnSketch(binning: Self.numeric)
    for value: ColumnValue in [
      .number(3), .number(-1), .number(.infinity), .number(1e200), .category("3"), .missing,
    ] {
      numbers.add(value)
    }
    #expect(
      numbers.count == 2 && numbers.invalid == 3 && numbers.missing == 1
        && numbers.moments.count == 2)
    var levels = ColumnSketch(binning: Self.categories)
    for value: ColumnValue in [
      .number(3), .category("a"), .category("new"), .number(2.5), .number(-0.0), .number(.nan),
    ] {
      levels.add(value)
    }
    #expect(levels.count == 5 && levels.invalid == 1 && levels.moments.isEmpty)
    #expect(levels.unseenByFrequency.map(\.level) == ["0", "2.5", "new"])
    #expect(ColumnValue.level(of: 1e17) == "1e+17" && ColumnValue.level(of: -7) == "-7")
  }

  @Test("A pane names a bounded number of unseen levels and counts the rest")
  func unseen() {
    var sketch = ColumnSketch(binning: Self.categories)
    for round in 0..<2 {
      for level in 0..<100 where round == 0 || level < 10 { sketch.add(category: "new\(level)") }
    }
    #expect(sketch.unseen.count == SketchLimits.unseenLevels)
    #expect(sketch.unseenOther == 36 && sketch.unseen["new3"] == 2)
    #expect(sketch.checkInvariants() == nil)
    #expect(sketch.unseenByFrequency.first.map { $0.level == "new0" && $0.rows == 2 } == true)
  }

  @Test("Bytes: round trip and hostile", arguments: 1...4 as ClosedRange<UInt64>)
  func coding(seed: UInt64) throws {
    for binning in [Self.numeric, Self.categories] {
      let sketch = Self.sketch(binning, seed, 60)
      var writer = ByteWriter()
      sketch.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try ColumnSketch(from: &reader, binning: binning) == sketch)
      try reader.expectEnd()
      expectHarmless(writer.bytes) { reader throws(ByteError) in
        try ColumnSketch(from: &reader, binning: binning)
      } check: {
        $0.checkInvariants() == nil
      }
      var foreign = ByteReader(writer.bytes)
      let other = binning == Self.numeric ? Self.categories : Self.numeric
      #expect(throws: ByteError.self) { _ = try ColumnSketch(from: &foreign, binning: other) }
    }
  }
}

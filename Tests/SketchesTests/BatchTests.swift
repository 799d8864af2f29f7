import Bytes
import Sketches
import TestSupport
import Testing

@Suite("Updates by batch")
struct BatchTests {
  /// Edges of every kind of column: even, on both sides of the grid's limits, heavy tails, atoms, none at all.
  private static func edges(_ seed: UInt64) -> [Double] {
    var generator = SplitMix64(seed: seed)
    let count = [0, 1, 2, 5, 31, 64, 100, 127][generator.below(8)]
    let tail = generator.below(12)
    var edges: Set<Double> = []
    while edges.count < count {
      var x = generator.normal()
      for _ in 0..<generator.below(tail + 1) { x *= 8 * generator.uniform() }
      edges.insert(generator.below(4) == 0 ? x.rounded() : x)
      if generator.below(6) == 0 { edges.insert(x.nextDown) }
    }
    return Array(edges.sorted().prefix(count))
  }

  /// Values around the edges, and what must be told apart from values.
  private static func value(_ edges: [Double], _ generator: inout SplitMix64) -> Double {
    let near = edges.randomElement(using: &generator) ?? 0
    switch generator.below(30) {
    case 0: return .nan
    case 1: return [.infinity, -.infinity, 1e200, -1e141].randomElement(using: &generator) ?? 0
    case 2: return [1e139, -1e139, 0, -0.0, .leastNonzeroMagnitude].randomElement(using: &generator) ?? 0
    case 3...8: return near
    case 9...12: return near.nextUp
    case 13...16: return near.nextDown
    default: return near + generator.normal()
    }
  }

  private static func encoded(_ sketch: ColumnSketch) -> [UInt8] {
    var writer = ByteWriter()
    sketch.encode(into: &writer)
    return writer.bytes
  }

  /// Row by row, as the promise of `update` reads.
  private static func byValue(_ binning: Binning, _ values: [Double]) -> ColumnSketch {
    var sketch = ColumnSketch(binning: binning)
    for value in values {
      if value.isNaN { sketch.addMissing() } else { sketch.add(number: value) }
    }
    return sketch
  }

  @Test("A bin is the number of edges below", arguments: 1...200 as ClosedRange<UInt64>)
  func bins(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let edges = Self.edges(seed)
    let binning = try #require(NumericBinning(validating: edges))
    for _ in 0..<200 {
      let x = Self.value(edges, &generator)
      #expect(binning.bin(of: x) == edges.filter { $0 < x }.count, "\(x) over \(edges)")
    }
  }

  @Test("A batch counts as its values do, whatever they are", arguments: 1...200 as ClosedRange<UInt64>)
  func batches(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let edges = Self.edges(seed)
    let binning = Binning.numeric(try #require(NumericBinning(validating: edges)))
    let clean = generator.below(2) == 0
    let values = (0..<generator.below(5_000)).map { _ -> Double in
      let value = Self.value(edges, &generator)
      return clean && !(value.magnitude <= SketchLimits.magnitude) ? 1 : value
    }
    let expected = Self.byValue(binning, values)
    #expect(expected.bins == Self.naive(edges, values))
    var sketch = ColumnSketch(binning: binning)
    var start = 0
    while start < values.count {
      let end = min(start + 1 + generator.below([20, 100, 1_500][generator.below(3)]), values.count)
      let batch = Array(values[start..<end])
      sketch.update(batch.span)
      start = end
    }
    #expect(Self.encoded(sketch) == Self.encoded(expected))
    #expect(sketch == expected && sketch.checkInvariants() == nil && sketch.rows == values.count)
  }

  private static func naive(_ edges: [Double], _ values: [Double]) -> [Int] {
    var bins = [Int](repeating: 0, count: edges.count + 1)
    for value in values where value.magnitude <= SketchLimits.magnitude { bins[edges.filter { $0 < value }.count] += 1 }
    return bins
  }

  @Test("Constant, low-cardinality, all missing, all invalid, and a column of categories")
  func specialColumns() {
    let constant = Binning.numeric(NumericBinning.build(sortedReference: [Double](repeating: 5, count: 100)))
    let digits = Binning.numeric(NumericBinning.build(sortedReference: (0..<300).map { Double($0 / 100) }))
    let levels = Binning.categories(CategoryBinning.build(counts: ["1": 9, "2": 9, "2.5": 5]))
    let columns: [[Double]] = [
      [Double](repeating: 5, count: 3_000), (0..<3_000).map { Double($0 % 4) - 0.5 * Double($0 % 2) },
      [Double](repeating: .nan, count: 3_000), [Double](repeating: -.infinity, count: 3_000), [],
    ]
    for binning in [constant, digits, levels] {
      for values in columns {
        var sketch = ColumnSketch(binning: binning)
        sketch.update(values.span)
        #expect(Self.encoded(sketch) == Self.encoded(Self.byValue(binning, values)))
        #expect(sketch.checkInvariants() == nil)
      }
    }
  }

  @Test("A sketch restored within a pane goes on to the same bytes")
  func restored() throws {
    var generator = SplitMix64(seed: 12)
    let edges = Self.edges(5)
    let binning = Binning.numeric(try #require(NumericBinning(validating: edges)))
    let values = (0..<2_500).map { _ in Self.value(edges, &generator) }
    let expected = Self.encoded(Self.byValue(binning, values))
    for cut in [0, 100, 1_024, 1_777, 2_500] {
      var reader = ByteReader(Self.encoded(Self.byValue(binning, Array(values[..<cut]))))
      var sketch = try ColumnSketch(from: &reader, binning: binning)
      let rest = Array(values[cut...])
      sketch.update(rest.span)
      #expect(Self.encoded(sketch) == expected)
    }
  }
}

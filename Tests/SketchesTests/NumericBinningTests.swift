import Bytes
import Sketches
import TestSupport
import Testing

@Suite("Numeric bins")
struct NumericBinningTests {
  private static func naive(_ edges: [Double], _ x: Double) -> Int { edges.filter { $0 < x }.count }

  private static func counts(_ values: [Double]) -> [Double: Int] {
    values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// What `build` promises for every reference.
  private static func checkPromises(_ values: [Double]) {
    let sorted = values.sorted()
    let binning = NumericBinning.build(sortedReference: sorted)
    let edges = binning.edges
    #expect(zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 }, "\(sorted)")
    #expect(edges.allSatisfy(\.isFinite) && edges.count < SketchLimits.numericBins)
    let atoms = counts(values)
    let largest = atoms.values.max() ?? 0
    let share = Double(largest) / Double(max(values.count, 1))
    let dominated = (0.2..<0.995).contains(share)
    let dominant = sorted.first { atoms[$0] == largest }
    for (value, count) in atoms where dominated ? value == dominant : count * 32 > values.count {
      let sharing = atoms.keys.filter {
        $0 != value && binning.bin(of: $0) == binning.bin(of: value)
      }
      #expect(sharing.isEmpty, "\(value) shares its bin with \(sharing) in \(sorted)")
    }
    for value in Set(values) {
      for x in [value, value.nextDown, value.nextUp, value - 0.5, value + 0.5] {
        #expect(binning.bin(of: x) == naive(edges, x))
      }
    }
  }

  @Test("Every small reference")
  func exhaustive() {
    for values in everyArray(over: [0, 1, 2, 7.5], upTo: 6) { Self.checkPromises(values) }
  }

  @Test("Heavy and light atoms among a few hundred rows", arguments: 1...60 as ClosedRange<UInt64>)
  func atoms(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let levels = Int.random(in: 1...120, using: &generator)
    let rows = Int.random(in: 30...600, using: &generator)
    let skew = Double.random(in: 0...4, using: &generator)
    let values = (0..<rows).map { _ -> Double in
      var share = 1.0
      for _ in 0..<Int(skew) { share *= Double.random(in: 0...1, using: &generator) }
      return (share * Double.random(in: 0...1, using: &generator) * Double(levels)).rounded(.down)
    }
    Self.checkPromises(values)
  }

  @Test("A continuous column gets 32 bins of equal mass", arguments: [64, 1_000, 9_999])
  func equalMass(rows: Int) {
    var generator = SplitMix64(seed: UInt64(rows))
    let values = (0..<rows).map { _ in Double.random(in: -1...1, using: &generator) }.sorted()
    let binning = NumericBinning.build(sortedReference: values)
    #expect(binning.binCount == 32)
    #expect(binning.edges == (1..<32).map { values[rows * $0 / 32] })
    var counts = [Int](repeating: 0, count: 32)
    for value in values { counts[binning.bin(of: value)] += 1 }
    #expect(counts.allSatisfy { (rows / 32 - 1...rows / 32 + 2).contains($0) })
  }

  @Test("A constant that moves, up or down, leaves its bin")
  func constant() {
    let binning = NumericBinning.build(sortedReference: [Double](repeating: 5, count: 100))
    #expect(binning.binCount == 3)
    #expect([4, 5, 6].map(binning.bin(of:)) == [0, 1, 2])
    #expect(NumericBinning.build(sortedReference: []).binCount == 1)
  }

  @Test("A dominant atom sits alone and leaves the rest at most 16 bins")
  func dominant() {
    let rest = (1...60).map(Double.init)
    let binning = NumericBinning.build(sortedReference: [Double](repeating: 0, count: 140) + rest)
    #expect(binning.edges.prefix(2) == [(0.0).nextDown, 0])
    #expect(binning.edges.dropFirst(2) == [13, 25, 37, 49])
  }

  @Test(
    "Grid and definition agree on edges of every spacing",
    arguments: 1...40 as ClosedRange<UInt64>)
  func grid(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let spread = [1e-300, 1, 1e6, 1e100][Int(seed) % 4]
    let power = [1, 3, 15][Int(seed) % 3]
    let values = (0..<500).map { _ -> Double in
      let u = Double.random(in: -1...1, using: &generator)
      return (0..<power).reduce(spread) { product, _ in product * u }
    }
    let binning = NumericBinning.build(sortedReference: values.sorted())
    let probes =
      values + binning.edges.flatMap { [$0, $0.nextUp, $0.nextDown] } + [
        -1e140, 1e140, 0, -0.0, .infinity, -.infinity,
      ]
    for probe in probes { #expect(binning.bin(of: probe) == Self.naive(binning.edges, probe)) }
    #expect(binning.bin(of: .nan) == 0)
  }

  @Test("Labels")
  func labels() throws {
    let binning = try #require(NumericBinning(validating: [1, 2.5]))
    #expect((0..<3).map(binning.label(of:)) == ["<= 1.0", "(1.0, 2.5]", "> 2.5"])
    #expect(NumericBinning(validating: [1, 1]) == nil && NumericBinning(validating: [.nan]) == nil)
  }

  @Test("Bytes: round trip and hostile")
  func coding() throws {
    let binning = NumericBinning.build(sortedReference: [1, 2, 3, 4])
    var writer = ByteWriter()
    Binning.numeric(binning).encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try Binning(from: &reader) == .numeric(binning))
    expectHarmless(writer.bytes) { reader throws(ByteError) in
      try Binning(from: &reader)
    } check: { decoded in
      guard case .numeric(let decoded) = decoded else { return true }
      return NumericBinning(validating: decoded.edges) != nil
    }
  }
}

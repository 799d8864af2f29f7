import Bytes
import Sketches
import TestSupport
import Testing

@Suite("Category bins")
struct CategoryBinningTests {
  @Test("Most frequent first, then by name; levels of fewer than five rows share a bin")
  func order() {
    let binning = CategoryBinning.build(counts: ["b": 5, "a": 5, "c": 9, "rare": 4, "never": 0])
    #expect(binning.levels == ["c", "a", "b"])
    #expect(binning.others == ["rare"])
    #expect(["c", "b", "rare", "never", ""].map(binning.bin(of:)) == [0, 2, 3, 4, 4])
    #expect((0..<5).map(binning.label(of:)) == ["c", "a", "b", "(other)", "(unseen)"])
    #expect(binning.referenceCounts(of: ["b": 6, "a": 6, "c": 9, "rare": 4]) == [9, 6, 6, 4, 0])
    #expect(binning.referenceCounts(of: ["b": 5, "a": 6, "c": 20, "rare": 4]) == [17, 5, 4, 9, 0])
  }

  @Test("The limits hold: bins, names, and then nothing is called unseen")
  func limits() {
    let counts = Dictionary(
      uniqueKeysWithValues: (0..<2_000).map { ("level\($0)", $0 < 100 ? 5 : 1) })
    let binning = CategoryBinning.build(counts: counts)
    #expect(binning.levels.count == SketchLimits.categoryBins)
    #expect(binning.others.count == SketchLimits.otherLevels && binning.othersIncomplete)
    #expect(binning.bin(of: "unheard of") == binning.otherBin)
    let binned = binning.referenceCounts(of: counts)
    #expect(binned.reduce(0, +) == counts.values.reduce(0, +))
    #expect(binned[binning.unseenBin] == 0)
    let long = String(repeating: "x", count: SketchLimits.levelBytes + 1)
    let other = CategoryBinning.build(counts: [long: 50, "y": 5])
    #expect(other.levels == ["y"] && other.others.isEmpty && other.bin(of: long) == other.otherBin)
  }

  @Test(
    "A row's reference bin is what leaving it out gives",
    arguments: 1...20 as ClosedRange<UInt64>)
  func leaveOneOut(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let rows = (0..<80).map { _ in
      "v\(Int.random(in: 0...Int.random(in: 0...60, using: &generator), using: &generator))"
    }
    let counts = rows.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    let binning = CategoryBinning.build(counts: counts)
    var expected = [Int](repeating: 0, count: binning.binCount)
    for (index, row) in rows.enumerated() {
      let elsewhere = rows.indices.contains { $0 != index && rows[$0] == row }
      expected[elsewhere ? binning.bin(of: row) : binning.unseenBin] += 1
    }
    var binned = [Int](repeating: 0, count: binning.binCount)
    for (level, rows) in counts { binned[binning.referenceBin(of: level, rows: rows)] += rows }
    #expect(binned == expected)
    let reference = binning.referenceCounts(of: counts)
    #expect(reference.reduce(0, +) == rows.count && reference[binning.unseenBin] == expected[binning.unseenBin])
  }

  /// The share of `(other)` is that of the levels without a bin in the rows to come, on average over references: what
  /// chance gave the levels above the cut does not count.
  @Test(
    "Levels above the cut by luck do not make the others look rare",
    arguments: [(100, 10), (100, 20), (100, 100), (500, 4), (70, 30)])
  func luck(levels: Int, rowsEach: Int) {
    var generator = SplitMix64(seed: UInt64(levels * rowsEach))
    let rows = levels * rowsEach
    let trials = 60
    var (errors, shares) = (0.0, 0.0)
    for _ in 0..<trials {
      var counts: [String: Int] = [:]
      for _ in 0..<rows { counts["v\(Int.random(in: 0..<levels, using: &generator))", default: 0] += 1 }
      let binning = CategoryBinning.build(counts: counts)
      let reference = binning.referenceCounts(of: counts)
      let others = Double(reference[binning.otherBin] + reference[binning.unseenBin]) / Double(rows)
      let share = Double(levels - binning.levels.count) / Double(levels)
      errors += others - share
      shares += share
    }
    let (mean, share) = (errors / Double(trials), shares / Double(trials))
    // Without a correction the mean error is 4 to 15 deviations of the share itself.
    #expect(mean.magnitude < 1.5 * (share * (1 - share) / Double(rows)).squareRoot(), "\(mean) of \(share)")
  }

  @Test("Bytes: round trip and hostile")
  func coding() throws {
    let binning = CategoryBinning.build(counts: ["é": 6, "b": 5, "o": 1])
    var writer = ByteWriter()
    Binning.categories(binning).encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try Binning(from: &reader) == .categories(binning))
    expectHarmless(writer.bytes) { reader throws(ByteError) in
      try Binning(from: &reader)
    } check: { _ in
      true
    }
    #expect(CategoryBinning(validating: ["a", "a"], others: [], othersIncomplete: false) == nil)
    #expect(CategoryBinning(validating: ["a"], others: ["a"], othersIncomplete: false) == nil)
  }
}

import Bytes
import TestSupport
import Testing

@testable import Sketches

@Suite("Distinct counts: merges")
struct DistinctMergeTests {
  /// Parts that overlap, from a list of coupons to many registers.
  private static func parts(_ generator: inout SplitMix64, _ count: Int) -> [[Int]] {
    (0..<count).map { _ in
      let start = generator.below(2_000)
      return Array(start..<start + [3, 20, 90, 700, 3_000][generator.below(5)])
    }
  }

  @Test(
    "Any tree of merges gives the same bytes, and the registers of all values", arguments: 1...12 as ClosedRange<UInt64>
  )
  func trees(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let lgK = [4, 8, 10, 12][generator.below(4)]
    let parts = Self.parts(&generator, 6)
    let whole = DistinctSketchTests.sketch(parts.joined(), lgK: lgK)
    var results: Set<[UInt8]> = []
    for _ in 0..<8 {
      var sketches = parts.map { DistinctSketchTests.sketch($0, lgK: lgK) }
      while sketches.count > 1 {
        let taken = sketches.remove(at: generator.below(sketches.count))
        sketches[generator.below(sketches.count)].merge(taken)
      }
      #expect(sketches[0].checkInvariants() == nil)
      #expect(sketches[0].registers?.values == whole.registers?.values)
      results.insert(sketches[0].encode())
    }
    #expect(results.count == 1)
  }

  @Test("An empty sketch changes nothing and takes over everything")
  func empty() {
    for count in [0, 5, 100, 5_000] {
      let sketch = DistinctSketchTests.sketch(0..<count)
      var left = sketch
      left.merge(DistinctSketch(lgK: 4))
      var right = DistinctSketch()
      right.merge(sketch)
      #expect(left == sketch && right == sketch && right.estimate == sketch.estimate)
    }
  }

  @Test("Sizes differ: the smaller one, and its registers", arguments: [4, 7, 8, 10, 12], [4, 7, 8, 10, 12])
  func sizes(left: Int, right: Int) {
    for (one, two) in [(5, 5), (5, 4_000), (4_000, 5), (300, 300), (4_000, 4_000)] {
      var merged = DistinctSketchTests.sketch(0..<one, lgK: left)
      merged.merge(DistinctSketchTests.sketch(one / 2..<one / 2 + two, lgK: right))
      var reverse = DistinctSketchTests.sketch(one / 2..<one / 2 + two, lgK: right)
      reverse.merge(DistinctSketchTests.sketch(0..<one, lgK: left))
      let whole = DistinctSketchTests.sketch(0..<max(one, one / 2 + two), lgK: min(left, right))
      #expect(merged.checkInvariants() == nil && merged.lgK == min(left, right))
      #expect(merged.encode() == reverse.encode())
      #expect(merged.registers?.values == whole.registers?.values)
      #expect(merged.registers != nil || merged == whole)
    }
  }

  @Test("An empty sketch of fewer registers folds what it takes over, and keeps its estimate")
  func folding() {
    let sketch = DistinctSketchTests.sketch(0..<4_000, lgK: 12)
    var folded = DistinctSketch(lgK: 6)
    folded.merge(sketch)
    #expect(folded.estimate == sketch.estimate && folded.lgK == 6 && folded.checkInvariants() == nil)
    #expect(folded.registers?.values == DistinctSketchTests.sketch(0..<4_000, lgK: 6).registers?.values)
    folded.update(all: (0..<4_000).map { Int64($0) })
    #expect(folded.estimate == sketch.estimate)
  }

  @Test("A sketch merged with itself is the same set")
  func idempotent() {
    let sketch = DistinctSketchTests.sketch(0..<4_000)
    var twice = sketch
    twice.merge(sketch)
    #expect(twice.registers?.values == sketch.registers?.values)
    #expect(abs(twice.estimate - sketch.estimate) < 0.05 * sketch.estimate)
  }
}

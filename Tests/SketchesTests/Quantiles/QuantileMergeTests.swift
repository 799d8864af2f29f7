import TestSupport
import Testing

@testable import Sketches

@Suite("Quantiles: merging")
struct QuantileMergeTests {
  /// Merges parts two by two in random order.
  private func merge(_ parts: [QuantileSketch<Double>], _ random: inout SplitMix64) -> QuantileSketch<Double> {
    var parts = parts
    while parts.count > 1 {
      let taken = parts.remove(at: random.below(parts.count))
      let into = random.below(parts.count)
      if random.below(4) == 0 { parts[into].seal() }
      parts[into].merge(taken)
      #expect(parts[into].checkInvariants() == nil)
    }
    return parts[0]
  }

  @Test("Any tree of merges keeps count, extremes and error", arguments: QuantileStream.allCases)
  func trees(stream: QuantileStream) {
    var random = SplitMix64(seed: 12)
    for tree in 0..<6 {
      var values: [Double] = []
      var parts: [QuantileSketch<Double>] = []
      for part in 0..<20 {
        let own = stream.values(random.below(tree < 3 ? 40 : 2_000), seed: UInt64(100 * tree + part))
        values += own
        parts.append(sketch(of: own, k: 200 + random.below(2) * 100, seed: random.next()))
      }
      let merged = merge(parts, &random)
      let sorted = values.sorted()
      #expect(merged.count == values.count && merged.minimum == sorted.first && merged.maximum == sorted.last)
      let promise = QuantileSketch<Double>.normalizedRankError(k: 200)
      #expect(largestRankError(merged, sorted: sorted) <= 1.2 * promise, "\(stream), tree \(tree)")
    }
  }

  @Test("Merging nothing changes nothing; merging into nothing gives the other's answers")
  func empty() {
    let values = QuantileStream.normal.values(9_000, seed: 5)
    let made = sketch(of: values)
    var merged = made
    merged.merge(QuantileSketch(k: 8, seed: 3))
    #expect(merged == made)
    var into = QuantileSketch<Double>(seed: 3)
    into.merge(made)
    #expect(into.count == made.count && into.sortedView == made.sortedView)
  }

  @Test("The error of a merged sketch is that of the coarsest part that was not exact")
  func smallestK() {
    var fine = sketch(of: QuantileStream.normal.values(5_000, seed: 5), k: 400)
    let error = fine.normalizedRankError()
    fine.merge(sketch(of: [1, 2, 3], k: 20))
    #expect(fine.normalizedRankError() == error && fine.k == 400)
    fine.merge(sketch(of: QuantileStream.normal.values(5_000, seed: 6), k: 20))
    #expect(fine.normalizedRankError() == QuantileSketch<Double>.normalizedRankError(k: 20) && fine.k == 400)
  }

  @Test("A sketch merged with itself, and copies of a sketch, do not disturb each other")
  func copies() {
    let values = QuantileStream.normal.values(5_000, seed: 5)
    let made = sketch(of: values)
    let bytes = made.encode()
    var doubled = made
    doubled.merge(made)
    doubled.seal()
    #expect(made.encode() == bytes && doubled.count == 10_000 && doubled.checkInvariants() == nil)
    #expect(largestRankError(doubled, sorted: (values + values).sorted()) < 0.016)
  }
}

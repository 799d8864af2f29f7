import Bytes
import TestSupport
import Testing

@testable import Sketches

@Suite("Distinct counts")
struct DistinctSketchTests {
  static func sketch(_ values: some Sequence<Int>, lgK: Int = 12) -> DistinctSketch {
    var sketch = DistinctSketch(lgK: lgK)
    sketch.update(all: values.map { Int64($0) })
    return sketch
  }

  @Test("Few values are counted exactly, in any order and however often", arguments: [8, 12, 21])
  func smallDomains(lgK: Int) {
    for values in everyArray(over: [0, 1, 2, 3], upTo: 5) {
      let sketch = Self.sketch(values, lgK: lgK)
      let truth = Double(Set(values).count)
      #expect(sketch.estimate.rounded() == truth && sketch.isExact && sketch.checkInvariants() == nil)
      for deviations in Deviations.allCases {
        #expect(sketch.lowerBound(deviations) <= truth.nextUp && sketch.upperBound(deviations) >= truth)
      }
      #expect(sketch == Self.sketch(Set(values).sorted(), lgK: lgK))
    }
  }

  @Test("Every subset of a domain, split between two sketches in every way, merges to the union")
  func subsets() {
    let sketches = (0..<64).map { mask in Self.sketch((0..<6).filter { mask >> $0 & 1 == 1 }) }
    for (left, one) in sketches.enumerated() {
      for (right, two) in sketches.enumerated() {
        var merged = one
        merged.merge(two)
        #expect(merged == sketches[left | right])
        #expect(merged.estimate.rounded() == Double((left | right).nonzeroBitCount))
      }
    }
  }

  @Test("Registers take over after 3 · 2^(lgK − 5) coupons, at least 7", arguments: 4...14)
  func promotion(lgK: Int) {
    let most = lgK < 8 ? 7 : 3 << (lgK - 5)
    var sketch = Self.sketch(0..<most, lgK: lgK)
    #expect(sketch.isExact && sketch.checkInvariants() == nil)
    let before = sketch.estimate
    sketch.update(Int64(-1))
    #expect(!sketch.isExact && sketch.checkInvariants() == nil)
    #expect(abs(sketch.estimate - before - 1) < 0.01)
  }

  @Test("Batches, however they are cut, are the same as values one by one", arguments: [4, 10, 12])
  func batches(lgK: Int) {
    var generator = SplitMix64(seed: 3)
    let values = (0..<3_000).map { _ in Double(generator.below(2_000)) / 8 }
    var single = DistinctSketch(lgK: lgK)
    for value in values { single.update(value) }
    for size in [1, 7, 384, 385, 1_000, 3_000] {
      var batched = DistinctSketch(lgK: lgK)
      for start in stride(from: 0, to: values.count, by: size) {
        batched.update(all: Array(values[start..<min(start + size, values.count)]))
      }
      #expect(batched == single && batched.estimate == single.estimate && batched.checkInvariants() == nil)
    }
  }

  @Test("What counts as the same value")
  func canonical() {
    var numbers = DistinctSketch()
    for value in [0, -0.0, .nan, -.nan, Double(bitPattern: 0x7ff0_0000_0000_0001)] { numbers.update(value) }
    #expect(numbers.estimate.rounded() == 2)
    var batch = DistinctSketch()
    batch.update(all: [0, -0.0, .nan, -.nan])
    #expect(batch == numbers)
    var integers = DistinctSketch()
    integers.update(Int64(-1))
    integers.update(UInt64.max)
    #expect(integers.estimate.rounded() == 1)
    var texts = DistinctSketch()
    texts.update("")
    #expect(texts.isEmpty)
    texts.update("leeway")
    let bytes = Array("leeway".utf8)
    texts.update(utf8: bytes.span)
    let batchOfTexts = ["leeway", "a text of more than sixteen bytes"]
    texts.update(batchOfTexts.span)
    #expect(texts.estimate.rounded() == 2)
  }

  @Test("Sizes outside the format's are moved into it")
  func sizes() {
    #expect(DistinctSketch(lgK: 0).lgK == 4 && DistinctSketch(lgK: 99).lgK == 21 && DistinctSketch().lgK == 12)
  }
}

extension DistinctSketch {
  mutating func update(all values: [Int64]) { update(values.span) }
  mutating func update(all values: [Double]) { update(values.span) }
}

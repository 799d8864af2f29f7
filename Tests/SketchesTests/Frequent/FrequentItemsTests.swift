import Bytes
import TestSupport
import Testing

@testable import Sketches

@Suite("Frequent items")
struct FrequentItemsTests {
  static func counts(_ items: some Sequence<String>) -> [String: Int] {
    items.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// A few items often, many now and then: names short and long.
  static func stream(_ count: Int, levels: Int, seed: UInt64) -> [String] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      let u = generator.uniform()
      let level = Int(Double(levels) * u * u * u)
      return level % 3 == 0 ? "level \(level)" : "a level with a name of more than sixteen bytes, \(level)"
    }
  }

  static func sketch(_ items: [String], lgMaxSize: Int) -> FrequentItems {
    var sketch = FrequentItems(lgMaxSize: lgMaxSize)
    sketch.update(items.span)
    return sketch
  }

  /// What must hold whatever the stream was and in whatever tree its parts were merged.
  static func expectBounds(_ sketch: FrequentItems, _ truth: [String: Int]) {
    #expect(sketch.checkInvariants() == nil)
    #expect(sketch.total == truth.values.reduce(0, +))
    #expect(Double(sketch.maximumError) <= 8 / 3 * Double(sketch.total) / Double(1 << sketch.lgMaxSize))
    for (item, count) in truth {
      let (low, high) = (sketch.lowerBound(of: item), sketch.upperBound(of: item))
      #expect(low <= count && count <= high && high - low == sketch.maximumError)
      #expect(sketch.estimate(of: item) == (low > 0 ? high : 0))
    }
    #expect(sketch.lowerBound(of: "never seen") == 0)
    let most = truth.values.max() ?? 0
    for threshold in [sketch.maximumError, most / 10, most / 2] {
      let sure = sketch.frequentItems(.noFalsePositives, threshold: threshold)
      #expect(sure.allSatisfy { truth[$0.item, default: 0] > threshold })
      let all = Set(sketch.frequentItems(.noFalseNegatives, threshold: threshold).map(\.item))
      if threshold >= sketch.maximumError {
        #expect(truth.allSatisfy { $0.value <= threshold || all.contains($0.key) })
      }
      #expect(Set(sure.map(\.item)).isSubset(of: all))
    }
  }

  @Test("Counts of small streams are exact, in any order")
  func small() {
    for items in everyArray(over: ["", "a", "b", "level of a long name"], upTo: 5) {
      let sketch = Self.sketch(items, lgMaxSize: 3)
      let truth = Self.counts(items)
      #expect(sketch.isExact && sketch.checkInvariants() == nil)
      #expect(truth.allSatisfy { sketch.estimate(of: $0.key) == $0.value && sketch.upperBound(of: $0.key) == $0.value })
      #expect(sketch == Self.sketch(items.sorted(), lgMaxSize: 3))
      let listed = sketch.frequentItems(.noFalseNegatives)
      #expect(listed.map(\.upperBound) == truth.values.sorted(by: >))
      #expect(Dictionary(uniqueKeysWithValues: listed.map { ($0.item, $0.lowerBound) }) == truth)
    }
  }

  @Test("Bounds hold on any stream", arguments: 3...9, [20, 300, 5_000])
  func bounds(lgMaxSize: Int, levels: Int) {
    let items = Self.stream(4_000, levels: levels, seed: UInt64(lgMaxSize * 7 + levels))
    let sketch = Self.sketch(items, lgMaxSize: lgMaxSize)
    Self.expectBounds(sketch, Self.counts(items))
    #expect(sketch.isExact == (Set(items).count <= sketch.capacity))
  }

  @Test("Bounds hold where all items differ, and where they come sorted")
  func adversarial() {
    let different = (0..<2_000).map { "item \($0)" }
    Self.expectBounds(Self.sketch(different, lgMaxSize: 5), Self.counts(different))
    let sorted = Self.stream(3_000, levels: 400, seed: 1).sorted()
    Self.expectBounds(Self.sketch(sorted, lgMaxSize: 5), Self.counts(sorted))
  }

  @Test("Bounds hold in any tree of merges, of any sizes", arguments: 1...12 as ClosedRange<UInt64>)
  func trees(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var parts: [[String]] = []
    for part in 0..<6 {
      let (count, levels) = (generator.below(800), 10 + generator.below(600))
      parts.append(Self.stream(count, levels: levels, seed: seed * 10 + UInt64(part)))
    }
    var sketches = parts.map { Self.sketch($0, lgMaxSize: 4 + generator.below(3)) }
    while sketches.count > 1 {
      let taken = sketches.remove(at: generator.below(sketches.count))
      let index = generator.below(sketches.count)
      var reverse = taken
      reverse.merge(sketches[index])
      sketches[index].merge(taken)
      if !taken.isEmpty && sketches[index].total != taken.total { #expect(sketches[index] == reverse) }
    }
    Self.expectBounds(sketches[0], Self.counts(parts.joined()))
  }

  @Test("Weights, and items given as bytes")
  func weights() {
    var sketch = FrequentItems(lgMaxSize: 3)
    sketch.update("a", count: 5)
    sketch.update("b", count: 0)
    let bytes = Array("a".utf8)
    sketch.update(utf8: bytes.span, count: 2)
    let invalid: [UInt8] = [0x61, 0xff]
    sketch.update(utf8: invalid.span)
    sketch.update(utf8: invalid.span)
    #expect(sketch.estimate(of: "a") == 7 && sketch.itemCount == 2 && sketch.total == 9)
    #expect(sketch.estimate(of: "a\u{fffd}") == 2 && sketch.checkInvariants() == nil)
  }

  @Test("Items are the same where their bytes are: two spellings of one letter are two items")
  func spelling() {
    var sketch = FrequentItems()
    sketch.update("\u{e9}")
    sketch.update("e\u{301}")
    #expect(sketch.itemCount == 2 && sketch.estimate(of: "\u{e9}") == 1)
  }

  @Test("Texts of every length up to 70 are told apart")
  func lengths() {
    let items = (0...70).flatMap { length in ["x", "y"].map { String(repeating: "x", count: length) + $0 } }
    let sketch = Self.sketch(items + items, lgMaxSize: 9)
    #expect(sketch.itemCount == items.count && items.allSatisfy { sketch.estimate(of: $0) == 2 })
    Self.expectBounds(Self.sketch(items + items, lgMaxSize: 4), Self.counts(items + items))
  }
}

import Bytes
import TestSupport
import Testing

@testable import Sketches

@Suite("Level counts")
struct LevelCountsTests {
  private static let small = LevelCounts.Limits(levels: 4, bytes: 40, lgMaxSize: 4)

  private static func counts(_ levels: [String], _ limits: LevelCounts.Limits = small) -> LevelCounts {
    var counts = LevelCounts(limits: limits)
    counts.update(levels.span)
    return counts
  }

  private static func expectBounds(_ counts: LevelCounts, _ truth: [String: Int]) {
    #expect(counts.checkInvariants() == nil && counts.total == truth.values.reduce(0, +))
    for (level, count) in truth {
      #expect(counts.lowerBound(of: level) <= count && count <= counts.upperBound(of: level))
    }
  }

  @Test("Small domains are exact, whatever the order")
  func exact() {
    for levels in everyArray(over: ["", "a", "b", "c"], upTo: 5) {
      let counts = Self.counts(levels)
      let truth = FrequentItemsTests.counts(levels)
      #expect(counts.isExact && counts.frequent == nil && counts.levelCount == truth.count)
      #expect(counts == Self.counts(levels.sorted()))
      #expect(Dictionary(uniqueKeysWithValues: counts.levels().map { ($0.item, $0.lowerBound) }) == truth)
      Self.expectBounds(counts, truth)
    }
  }

  @Test("One level or one byte too many hands over, still exact; many more bring bounds")
  func handOver() {
    #expect(Self.counts(["a", "b", "c", "d"]).frequent == nil)
    let five = Self.counts(["a", "b", "c", "d", "e"])
    #expect(five.frequent != nil && five.isExact && five.levelCount == 5)
    #expect(Self.counts([String(repeating: "x", count: 40)]).frequent == nil)
    #expect(Self.counts([String(repeating: "x", count: 40), "y"]).frequent != nil)
    let many = FrequentItemsTests.stream(2_000, levels: 300, seed: 4)
    let counts = Self.counts(many)
    #expect(!counts.isExact)
    Self.expectBounds(counts, FrequentItemsTests.counts(many))
  }

  @Test("Names that are too long are counted together")
  func unnamed() {
    let long = String(repeating: "x", count: SketchLimits.levelBytes + 1)
    let counts = Self.counts([long, "a", long + "y"])
    #expect(counts.unnamed == 2 && counts.total == 3 && !counts.isExact && counts.checkInvariants() == nil)
    #expect(counts.lowerBound(of: long) == 0 && counts.upperBound(of: long) == 2 && counts.upperBound(of: "a") == 1)
  }

  @Test("Merges: exact with exact, with frequent, and under other limits", arguments: 1...12 as ClosedRange<UInt64>)
  func merges(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var parts: [[String]] = []
    for part in 0..<6 {
      let (count, levels) = (generator.below(200), 2 + generator.below(100))
      parts.append(FrequentItemsTests.stream(count, levels: levels, seed: seed * 10 + UInt64(part)))
    }
    let limits = [Self.small, LevelCounts.Limits(levels: 8, bytes: 500, lgMaxSize: 5), LevelCounts.Limits()]
    var counts = parts.map { Self.counts($0, limits[generator.below(3)]) }
    while counts.count > 1 {
      let taken = counts.remove(at: generator.below(counts.count))
      counts[generator.below(counts.count)].merge(taken)
    }
    Self.expectBounds(counts[0], FrequentItemsTests.counts(parts.joined()))
    let whole = Self.counts(["a", "b"])
    var one = Self.counts(["a"])
    one.merge(Self.counts(["b"]))
    one.merge(LevelCounts(limits: LevelCounts.Limits(levels: 1)))
    #expect(one == whole)
  }

  @Test("Bytes: round trip, golden, hostile")
  func coding() throws {
    let long = String(repeating: "x", count: 300)
    for levels in [[], ["a"], ["b", "a", "b", "", long], FrequentItemsTests.stream(300, levels: 40, seed: 9)] {
      let counts = Self.counts(levels)
      var writer = ByteWriter()
      counts.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try LevelCounts(from: &reader) == counts)
      try reader.expectEnd()
      expectHarmless(writer.bytes) { reader throws(ByteError) in
        try LevelCounts(from: &reader)
      } check: {
        $0.checkInvariants() == nil
      }
    }
    var writer = ByteWriter()
    Self.counts(["b", "a", "b"]).encode(into: &writer)
    #expect(writer.bytes == [1, 4, 40, 4, 0, 0, 2, 1, 97, 1, 1, 98, 2])
    for bytes in [
      [2, 4, 40, 4, 0, 0, 0], [1, 0, 40, 4, 0, 0, 0], [1, 4, 0, 4, 0, 0, 0], [1, 4, 40, 21, 0, 0, 0],
      [1, 1, 40, 4, 0, 0, 2, 1, 97, 1, 1, 98, 2], [1, 4, 1, 4, 0, 0, 2, 1, 97, 1, 1, 98, 2],
      [1, 4, 40, 4, 0, 0, 2, 1, 98, 1, 1, 97, 2], [1, 4, 40, 4, 0, 0, 2, 1, 97, 1, 1, 97, 2],
      [1, 4, 40, 4, 0, 0, 1, 1, 97, 0], [1, 4, 40, 4, 0, 0, 1, 1, 255, 1],
    ] as [[UInt8]] {
      var reader = ByteReader(bytes)
      #expect(throws: ByteError.self) { try LevelCounts(from: &reader) }
    }
  }
}

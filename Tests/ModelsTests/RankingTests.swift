import TestSupport
import Testing

@testable import Models

@Suite("AUC")
struct RankingTests {
  private typealias Row = (score: Double, isOne: Bool)

  /// Pair by pair.
  private static func auc(_ rows: [Row]) -> Double? {
    let pairs = rows.filter(\.isOne).flatMap { one in rows.filter { !$0.isOne }.map { (one.score, $0.score) } }
    guard !pairs.isEmpty else { return nil }
    return pairs.reduce(0) { $0 + ($1.0 > $1.1 ? 1 : $1.0 == $1.1 ? 0.5 : 0) } / Double(pairs.count)
  }

  private static func ranking(_ rows: [Row], mostExact: Int) -> Ranking {
    rows.reduce(into: Ranking(mostExact: mostExact)) { $0.add($1.score, isOne: $1.isOne) }
  }

  @Test("Every stream of up to four rows over four scores gives the share of its pairs")
  func small() {
    let rows: [Row] = [-0.0, 0.25, 0.5, 1].flatMap { score in [false, true].map { (score, $0) } }
    var streams: [[Row]] = [[]]
    for _ in 0..<4 {
      for stream in streams { #expect(Self.ranking(stream, mostExact: 100).auc == Self.auc(stream)) }
      streams = streams.flatMap { stream in rows.map { stream + [$0] } }
    }
    for stream in streams { #expect(Self.ranking(stream, mostExact: 100).auc == Self.auc(stream)) }
  }

  @Test("Beyond the rows that are kept it is off by no more than half the pairs that share a bin", arguments: 0..<6)
  func binned(seed: UInt64) {
    var chance = SplitMix64(seed: seed)
    // Scores of all sizes, some of them equal.
    let rows: [Row] = (0..<1_500).map { _ in
      let near = chance.uniform() * [1, 0.01, 1e-6, 1e-12][chance.below(4)]
      let score = chance.below(2) == 0 ? near : 1 - near
      return (chance.below(10) == 0 ? 0.5 : score, chance.uniform() < (score + 1) / 3)
    }
    let exact = Self.auc(rows) ?? 0
    #expect(Self.ranking(rows, mostExact: rows.count).auc.map { ($0 - exact).magnitude < 1e-12 } == true)
    let binned = Self.ranking(rows, mostExact: 100).auc ?? 0
    let ones = rows.filter(\.isOne)
    let zeros = rows.filter { !$0.isOne }
    let shared = ones.reduce(0) { sum, one in
      sum + zeros.count { Ranking.bin(of: $0.score) == Ranking.bin(of: one.score) && $0.score != one.score }
    }
    #expect((binned - exact).magnitude <= 0.5 * Double(shared) / Double(ones.count * zeros.count) + 1e-12)
  }

  @Test("Bins go up with the score and tell scores apart that differ by a thousandth of their distance from 0 or 1")
  func bins() {
    let near = (0...31).flatMap { power in
      (0..<64).map { Double(sign: .plus, exponent: -power - 2, significand: 1 + Double($0) / 64) }
    }
    let scores = ([0, 0x1p-40, 0.5, 1 - 0x1p-40, 1] + near + near.map { 1 - $0 }).sorted()
    for (low, high) in zip(scores, scores.dropFirst()) where low < high {
      let (lower, upper) = (Ranking.bin(of: low), Ranking.bin(of: high))
      #expect(lower <= upper)
      let distance = min(low < 0.5 ? low : 1 - low, high < 0.5 ? high : 1 - high)
      if high - low > distance / 512, distance > 0x1p-31 { #expect(lower < upper) }
    }
    #expect(Ranking.bin(of: 0) == 0 && Ranking.bin(of: 1) == Ranking.binCount - 1)
  }
}

import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Bets side by side")
struct BetSeriesTests {
  /// The largest value of the sum that starts anew whenever it falls below 0.
  private static func climb(_ scores: [Double]) -> Double {
    var (sum, largest) = (0.0, 0.0)
    for score in scores {
      sum = max(sum, 0) + score
      largest = max(largest, sum)
    }
    return largest
  }

  /// Bit for bit what `BetInflation` is to find of one bet.
  private static func inflation(_ scores: [Double], ends: [Int], variance: Double) -> Double {
    let rows = Double(ends.last ?? 0)
    let mean = scores.reduce(0, +) / rows
    var (sums, starts) = ([0.0], [0.0])
    for unit in scores.indices {
      starts.append(Double(ends[unit]))
      sums.append(sums[unit] + scores[unit] - mean * (starts[unit + 1] - starts[unit]))
    }
    var largest = 1.0
    var length = ends.count == ends.last ? 2 : 1
    while length * 8 <= scores.count {
      var (squares, expected) = (0.0, 0.0)
      for start in stride(from: 0, through: scores.count - length, by: max(length / 4, 1)) {
        let sum = sums[start + length] - sums[start]
        let size = starts[start + length] - starts[start]
        squares += sum * sum
        expected += size * (1 - size / rows)
      }
      let ratio = squares / (variance * expected)
      let size = rows * Double(length) / Double(scores.count)
      let spread = 2 / (9 * (1.5 * rows / size))
      let bound = 1 - spread + 3.5 * spread.squareRoot()
      if ratio > bound * bound * bound { largest = max(largest, ratio * (1 + (4 * size / (3 * rows)).squareRoot())) }
      length = max(length + 1, Int(Double(length) * 1.42))
    }
    return largest
  }

  private static func expectSame(_ series: some BetSeries, counts: [[Int]], bins: Int, _ chance: inout SplitMix64) {
    var end = 0
    let ends = counts.map { count in
      end += count.reduce(0, +)
      return end
    }
    let logs = (0..<11).map { _ in (0..<bins).map { _ in chance.normal() } }
    let variances = logs.map { _ in 0.2 + chance.uniform() }
    let scores = logs.map { logs in
      counts.map { count in zip(count, logs).reduce(0) { $0 + Double($1.0) * $1.1 } }
    }
    let lanes = BetScores.lanes(logs)
    #expect(lanes.map(\.logs.count) == [8, 3])
    #expect(lanes.flatMap { $0.climbs(series) } == scores.map(climb))
    let found = [(0, 0..<8), (1, 8..<11)].flatMap { group, bets in
      BetInflation(lanes[group], series, variances: Array(variances[bets])).found
    }
    #expect(found == zip(scores, variances).map { inflation($0, ends: ends, variance: $1) })
  }

  @Test("Each as if it were alone", arguments: [1, 7, 8, 16, 100, 1_023, 1_024, 1_025, 9_000])
  func alone(units: Int) {
    for memory in [0, 0.9] {
      var chance = SplitMix64(seed: UInt64(units))
      var last = 0.0
      let bins = (0..<units).map { _ in min(max(Int(2.5 + chance.autoregressive(&last, memory)), 0), 4) }
      let single = bins.map { bin in (0..<5).map { $0 == bin ? 1 : 0 } }
      Self.expectSame(BetRows(bins: bins), counts: single, bins: 5, &chance)
      let panes = bins.map { bin in (0..<5).map { $0 == bin ? 30 : Int(chance.uniform() * 10) } }
      Self.expectSame(BetPanes(panes), counts: panes, bins: 5, &chance)
    }
  }
}

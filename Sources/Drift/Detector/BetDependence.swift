/// How many rows of a series carry the evidence of one independent row, for the bets that are laid on it.
///
/// For each bet, the variance of its score's sums over blocks of many lengths against that of independent rows (the
/// inflation of variance in batch means, Conway 1963), and the largest excursion that the bet would have had over the
/// reference itself. The largest over all bets counts.
enum BetDependence {
  /// Rows of the rarer side below which a rate's variance is too uncertain.
  private static let leastRare = 20.0
  /// Of two bets whose scores correlate more than this, one tells the inflation of both.
  private static let alike = 0.99
  /// Lengths of blocks grow by this factor up to 1/8 of the series; blocks start every quarter of their length.
  private static let growth = 1.42
  private static let parts = 4
  /// Standard errors (Wilson and Hilferty's normal approximation of chi-square) that an inflation must exceed.
  private static let significance = 3.5
  /// Beyond ln N, what the largest excursion of a quiet series may reach.
  private static let excursion = 2.0

  /// Of single rows, given their bins in order of time.
  static func estimate(_ bets: Bets, bins: [Int]) -> Double {
    guard bets.rows >= DetectorTuning.leastRows else { return 1 }
    return estimate(bets, ends: Array(1...bins.count)) { logs in bins.map { logs[$0] } }
  }

  /// Of panes in order, given their counts per bin: `bets` must be laid against their own total.
  static func estimate(_ bets: Bets, panes: [[Int]]) -> Double {
    guard bets.rows >= DetectorTuning.leastRows else { return 1 }
    var end = 0
    let ends = panes.map { pane -> Int in
      end += pane.reduce(0, +)
      return end
    }
    return estimate(bets, ends: ends) { logs in
      panes.map { pane in zip(pane, logs).reduce(0) { $0 + Double($1.0) * $1.1 } }
    }
  }

  /// - Parameters:
  ///   - ends: rows up to the end of each unit of the series.
  ///   - sums: of a score per bin, the sum over each unit.
  private static func estimate(_ bets: Bets, ends: [Int], sums: ([Double]) -> [Double]) -> Double {
    var largest = 1.0
    var examined: [[Double]] = []
    for bet in bets.bets {
      let logs = bets.logRatios(of: bet)
      let scores = sums(logs)
      largest = max(largest, climb(scores) / (Elementary.log(bets.rows) + excursion))
      if case .rate(let bin, _) = bet.alternative {
        let rare = min(bets.shares[bin], 1 - bets.shares[bin]) * bets.rows
        if rare < leastRare { continue }
      }
      // Bets of one direction, such as small and smaller shifts, have the same score but for its unit.
      guard let standard = bets.standardised(logs), !examined.contains(where: { isAlike($0, standard, bets) }) else {
        continue
      }
      examined.append(standard)
      largest = max(largest, inflation(scores, ends: ends, variance: bets.variance(of: logs)))
    }
    return largest
  }

  private static func isAlike(_ one: [Double], _ other: [Double], _ bets: Bets) -> Bool {
    var correlation = 0.0
    for bin in one.indices { correlation += bets.shares[bin] * one[bin] * other[bin] }
    return correlation.magnitude > alike
  }

  /// The largest value of the sum that starts anew whenever it falls below 0.
  private static func climb(_ scores: [Double]) -> Double {
    var sum = 0.0
    var largest = 0.0
    for score in scores {
      sum = max(sum, 0) + score
      largest = max(largest, sum)
    }
    return largest
  }

  private static func inflation(_ scores: [Double], ends: [Int], variance: Double) -> Double {
    guard let rows = ends.last.map(Double.init) else { return 1 }
    let mean = scores.reduce(0, +) / rows
    var sums = [0.0]
    sums.reserveCapacity(scores.count + 1)
    var starts = [0.0]
    starts.reserveCapacity(scores.count + 1)
    for unit in scores.indices {
      starts.append(Double(ends[unit]))
      sums.append(sums[unit] + scores[unit] - mean * (starts[unit + 1] - starts[unit]))
    }
    var largest = 1.0
    var length = ends.count == ends.last ? 2 : 1
    while length * 8 <= scores.count {
      let step = max(length / parts, 1)
      var squares = 0.0
      var expected = 0.0
      var start = 0
      while start <= scores.count - length {
        let sum = sums[start + length] - sums[start]
        let size = starts[start + length] - starts[start]
        squares += sum * sum
        expected += size * (1 - size / rows)
        start += step
      }
      let ratio = squares / (variance * expected)
      let size = rows * Double(length) / Double(scores.count)
      let freedom = 1.5 * rows / size
      let spread = 2 / (9 * freedom)
      let bound = 1 - spread + significance * spread.squareRoot()
      if ratio > bound * bound * bound {
        largest = max(largest, ratio * (1 + (4 * size / (3 * rows)).squareRoot()))
      }
      length = max(length + 1, Int(Double(length) * growth))
    }
    return largest
  }
}

extension Bets {
  /// ln(q/π) of each bin.
  func logRatios(of bet: Bet) -> [Double] {
    switch bet.alternative {
    case .shape(let shape):
      return zip(shape, shares).map { Elementary.log($0 / $1) }
    case .rate(let bin, let share):
      var logs = [Double](repeating: Elementary.log((1 - share) / (1 - shares[bin])), count: shares.count)
      logs[bin] = Elementary.log(share / shares[bin])
      return logs
    }
  }

  /// Of a score per bin, over the reference.
  func variance(of scores: [Double]) -> Double {
    let mean = mean(of: scores)
    var variance = 0.0
    for bin in shares.indices { variance += shares[bin] * (scores[bin] - mean) * (scores[bin] - mean) }
    return variance
  }

  private func mean(of scores: [Double]) -> Double {
    var mean = 0.0
    for bin in shares.indices { mean += shares[bin] * scores[bin] }
    return mean
  }

  /// With mean 0 and variance 1; nil where it hardly varies.
  func standardised(_ scores: [Double]) -> [Double]? {
    let mean = mean(of: scores)
    let variance = variance(of: scores)
    guard variance > 1e-9 else { return nil }
    let deviation = variance.squareRoot()
    return scores.map { ($0 - mean) / deviation }
  }
}

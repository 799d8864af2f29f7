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
  /// Beyond ln N, what the largest excursion of a quiet series may reach.
  private static let excursion = 2.0

  /// Of single rows, given their bins in order of time. 3 ms for 100,000 rows of a number.
  static func estimate(_ bets: Bets, bins: [Int]) -> Double {
    estimate(bets, BetRows(bins: bins))
  }

  /// Of panes in order, given their counts per bin: `bets` must be laid against their own total.
  static func estimate(_ bets: Bets, panes: [[Int]]) -> Double {
    estimate(bets, BetPanes(panes))
  }

  private static func estimate(_ bets: Bets, _ series: some BetSeries) -> Double {
    guard bets.rows >= DetectorTuning.leastRows else { return 1 }
    let logs = bets.bets.map { bets.logRatios(of: $0) }
    var largest = 1.0
    for scores in BetScores.lanes(logs) {
      for climb in scores.climbs(series) {
        largest = max(largest, climb / (Elementary.log(bets.rows) + excursion))
      }
    }
    let examined = examined(bets, logs)
    for scores in BetScores.lanes(examined) {
      let variances = scores.logs.map { bets.variance(of: $0) }
      for inflation in BetInflation(scores, series, variances: variances).found { largest = max(largest, inflation) }
    }
    return largest
  }

  /// Those whose inflation is worth knowing. Bets of one direction, such as small and smaller shifts, have the same score
  /// but for its unit.
  private static func examined(_ bets: Bets, _ logs: [[Double]]) -> [[Double]] {
    var examined: [(logs: [Double], standard: [Double])] = []
    for (bet, logs) in zip(bets.bets, logs) {
      if case .rate(let bin, _) = bet.alternative {
        let rare = min(bets.shares[bin], 1 - bets.shares[bin]) * bets.rows
        if rare < leastRare { continue }
      }
      guard let standard = bets.standardised(logs), !examined.contains(where: { isAlike($0.standard, standard, bets) })
      else { continue }
      examined.append((logs, standard))
    }
    return examined.map(\.logs)
  }

  private static func isAlike(_ one: [Double], _ other: [Double], _ bets: Bets) -> Bool {
    var correlation = 0.0
    for bin in one.indices { correlation += bets.shares[bin] * one[bin] * other[bin] }
    return correlation.magnitude > alike
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

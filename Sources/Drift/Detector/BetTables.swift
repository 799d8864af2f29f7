import Sketches

/// A column's bets as the logarithms that a pane's counts are multiplied with.
///
/// What one row of bin j adds to bet b is (ln(q_j/π_j) − ln Z_b)/τ. Z_b is an upper confidence bound of the mean of
/// q/π, which a finite reference leaves uncertain; it is linear in the unknown shares, so one bound holds for all rows
/// to come. τ is the column's dependence. Under any shares within the bound no bet is expected to grow.
struct BetTables: Sendable {
  let dependence: Double
  let shares: [Double]
  /// 1/share of each bin.
  let inverses: [Double]
  /// Of the bets with a share for each bin, then of those on one bin's rate, then of the learned ones. Adding up to 1.
  let weights: [Double]
  let changes: [ColumnChange]
  private let shapeCount: Int
  /// Of eight bets by bin, then of the next eight; lanes without a bet are 0.
  private let shapeLogs: [BetLanes]
  private let rates: [Rate]
  /// √(Q/N) for the learned bets, Q the chi-square quantile of the confidence, times √τ.
  let learnedBound: Double

  private struct Rate: Sendable {
    let bin: Int
    let inside: Double
    let outside: Double
  }

  /// - Parameter confidence: deviations of the reference that the bounds allow for.
  init(_ bets: Bets, dependence: Double, confidence: Double = DetectorTuning.confidence) {
    self.dependence = dependence
    shares = bets.shares
    inverses = bets.shares.map { 1 / $0 }
    let isShape: (Bet) -> Bool = { if case .shape = $0.alternative { true } else { false } }
    let shapes = bets.bets.filter(isShape)
    let others = bets.bets.filter { !isShape($0) }
    let learned = DetectorTuning.learnedWeights
    let fixed = 1 - learned.reduce(0, +)
    weights = (shapes + others).map { $0.weight * fixed } + learned
    changes = (shapes + others).map(\.change) + learned.map { _ in .shape }
    shapeCount = shapes.count
    let rows = max(bets.rows, 1)
    let logs = shapes.map { Self.bounded($0, bets, dependence, confidence) }
    shapeLogs = BetScores.lanes(logs).flatMap(\.table)
    rates = others.compactMap { bet in
      guard case .rate(let bin, _) = bet.alternative else { return nil }
      let logs = Self.bounded(bet, bets, dependence, confidence)
      return Rate(bin: bin, inside: logs[bin], outside: logs[bin == 0 ? 1 : 0])
    }
    let quantile = ChiSquare.quantile(
      upper: Normal.upperTail(confidence), degrees: bets.shares.count - 1)
    learnedBound = (quantile * dependence / rows).squareRoot()
  }

  /// (ln l − ln Z)/τ for the ratios l of a bet.
  ///
  /// Z − 1 bounds how far the true mean of l may lie above 1: by the error of the shares, and for bets that do not move
  /// with them by its square too, Σ l·χ²₁/N. Without that part a column of 32 equal levels alarms on 14 of 15 quiet
  /// streams at N = 1,000.
  private static func bounded(_ bet: Bet, _ bets: Bets, _ dependence: Double, _ confidence: Double) -> [Double] {
    let logs = bets.logRatios(of: bet)
    let ratios = logs.map { Elementary.exp($0) }
    let squares = zip(bets.shares, ratios).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
    let deviation = max(squares - 1, 0).squareRoot()
    let error = dependence / max(bets.rows, 1)
    let spread = (2 * ratios.reduce(0) { $0 + $1 * $1 }).squareRoot()
    let second = bet.errorShare * (ratios.reduce(0, +) + confidence * spread) * error
    let bound = Elementary.log(1 + confidence * deviation * error.squareRoot() + second)
    return logs.map { ($0 - bound) / dependence }
  }

  var betCount: Int { weights.count }
  var binCount: Int { shares.count }
  var fixedCount: Int { shapeCount + rates.count }

  /// Room for what a pane adds to each bet, which is where `BetStanding.place` says.
  var room: [BetStanding.Lanes] {
    let groups = (betCount + BetLanes.scalarCount - 1) / BetLanes.scalarCount
    return [BetStanding.Lanes](repeating: .zero, count: 2 * groups)
  }

  /// Puts what a pane of `rows` rows with these counts adds to the fixed bets into `sums`, which is a `room`; 0 into the
  /// lanes of other bets and of none.
  func addFixed(_ counts: [Int], rows: Double, into sums: inout [BetStanding.Lanes]) {
    precondition(counts.count == binCount, "counts over other bins than the bets'")
    let (counts, logs) = (counts.span, shapeLogs.span)
    var sums = sums.mutableSpan
    let groups = logs.count / binCount
    for group in 0..<groups {
      var lanes = BetLanes.zero
      for bin in counts.indices { lanes += Double(counts[bin]) * logs[group &* counts.count &+ bin] }
      sums[2 * group] = lanes.lowHalf
      sums[2 * group + 1] = lanes.highHalf
    }
    for place in 2 * groups..<sums.count { sums[place] = .zero }
    for (position, rate) in rates.enumerated() {
      let inside = Double(counts[rate.bin])
      let (place, lane) = BetStanding.place(of: shapeCount + position)
      sums[place][lane] = inside * rate.inside + (rows - inside) * rate.outside
    }
  }
}

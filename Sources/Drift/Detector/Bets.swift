import Sketches

/// An alternative to the reference's shares that a column is watched for.
struct Bet: Sendable {
  enum Alternative: Sendable {
    /// A share for each bin.
    case shape([Double])
    /// One bin at another share, the others keeping their proportions.
    case rate(bin: Int, share: Double)
  }

  let change: ColumnChange
  let weight: Double
  let alternative: Alternative
  /// How much of the reference's squared chance error the bet's mean takes up, 0 for a bet that moves with it: q ∝ π^β
  /// has 1 − β.
  var errorShare = 0.0
}

/// The fixed bets of one column, with the reference's shares that they are laid against.
///
/// The last bin is that of missing values. Shares are smoothed by half a row a bin, so that nothing is impossible.
struct Bets: Sendable {
  let rows: Double
  /// By bin, all above 0, adding up to 1.
  let shares: [Double]
  private(set) var bets: [Bet] = []

  /// - Parameter counts: rows per bin, then missing.
  init(binning: Binning, counts: [Int]) {
    let total = Double(counts.reduce(0, +))
    rows = total
    let smoothed = total + 0.5 * Double(counts.count)
    shares = counts.map { (Double($0) + 0.5) / smoothed }
    switch binning {
    case .numeric(let binning): addNumeric(binning, counts)
    case .categories(let binning): addCategories(binning)
    }
    addMissing()
    let weights = bets.reduce(0) { $0 + $1.weight }
    bets = bets.map {
      Bet(
        change: $0.change, weight: $0.weight / weights, alternative: $0.alternative, errorShare: $0.errorShare)
    }
  }

  var missingBin: Int { shares.count - 1 }

  mutating func add(_ change: ColumnChange, weight: Double = 1, rate bin: Int, _ share: Double) {
    bets.append(Bet(change: change, weight: weight, alternative: .rate(bin: bin, share: share)))
  }

  mutating func add(_ change: ColumnChange, weight: Double = 1, shape: [Double], errorShare: Double = 0) {
    let total = shape.reduce(0, +)
    bets.append(
      Bet(
        change: change, weight: weight, alternative: .shape(shape.map { $0 / total }), errorShare: errorShare))
  }

  /// Rows of all other bins that move to `bin`.
  mutating func addTakeovers(_ change: ColumnChange, weight: Double = 1, of bin: Int) {
    for part in DetectorTuning.takeovers {
      add(change, weight: weight, rate: bin, shares[bin] + part * (1 - shares[bin]))
    }
  }

  /// The odds of `bin` times e^step.
  mutating func addOdds(_ change: ColumnChange, weight: Double = 1, of bin: Int, step: Double) {
    let odds = shares[bin] / (1 - shares[bin]) * Elementary.exp(step)
    add(change, weight: weight, rate: bin, odds / (1 + odds))
  }

  private mutating func addMissing() {
    addTakeovers(.moreMissing, of: missingBin)
    guard shares[missingBin] >= DetectorTuning.fewerShare else { return }
    for step in DetectorTuning.fewerSteps { addOdds(.lessMissing, of: missingBin, step: -step) }
  }

  private mutating func addCategories(_ binning: CategoryBinning) {
    let weight = 1 / Double(missingBin)
    for bin in 0..<missingBin {
      addTakeovers(bin == binning.unseenBin ? .newCategory : .more(bin: bin), weight: weight, of: bin)
      guard bin != binning.unseenBin, shares[bin] >= DetectorTuning.fewerShare else { continue }
      for step in DetectorTuning.fewerSteps { addOdds(.less(bin: bin), weight: weight, of: bin, step: -step) }
    }
    for power in DetectorTuning.powers {
      var shape = shares
      for bin in 0..<binning.unseenBin { shape[bin] = Elementary.exp(power * Elementary.log(shares[bin])) }
      let raised = shape[..<binning.unseenBin].reduce(0, +)
      let before = shares[..<binning.unseenBin].reduce(0, +)
      for bin in 0..<binning.unseenBin { shape[bin] *= before / raised }
      add(
        power < 1 ? .moreEven : .lessEven, weight: DetectorTuning.powerWeight, shape: shape,
        errorShare: max(1 - power, 0))
    }
  }
}

/// What a projection takes a column's values for: numbers by bin, each of mean 0 and variance 1 over the rows fitted.
///
/// A number gives its normal score and, uncorrelated with it, the score's square, by which a circle or a changing spread
/// shows. A frequent level gives an indicator, and so do missing values. Products of two columns' features then have
/// mean 0 where the columns are independent, and their correlations are the leading terms of the density ratio
/// between the joint distribution and that of independent columns (Lancaster 1958).
struct JointFeatures {
  let bins: JointBins
  /// One table over the bins' places for each feature.
  private(set) var tables: [[Double]] = []

  /// - Parameter rows: by place.
  init(bins: JointBins, rows: [Int]) {
    self.bins = bins
    let total = Double(rows.reduce(0, +))
    guard total > 0 else { return }
    let shares = rows.map { Double($0) / total }
    if let levels = bins.levels {
      for level in levels.indices { addIndicator(of: level, shares) }
    } else {
      addScores(shares)
    }
    addIndicator(of: JointBins.missing, shares)
  }

  private mutating func addIndicator(of place: Int, _ shares: [Double]) {
    let share = shares[place]
    guard share >= JointTuning.leastShare, share <= 1 - JointTuning.leastShare else { return }
    let deviation = (share * (1 - share)).squareRoot()
    tables.append(shares.indices.map { (($0 == place ? 1 : 0) - share) / deviation })
  }

  private mutating func addScores(_ shares: [Double]) {
    let present = 1 - shares[JointBins.missing]
    guard present >= JointTuning.leastShare else { return }
    let weights = shares[..<JointBins.missing].map { $0 / present }
    let scores = Self.normalScores(weights)
    guard let first = Self.standardised(scores, weights) else { return }
    let scale = present.squareRoot()
    tables.append(first.map { $0 / scale } + [0])
    let skew = Self.mean(first.map { $0 * $0 * $0 }, weights)
    let bent = first.map { $0 * $0 - skew * $0 }
    if let second = Self.standardised(bent, weights) { tables.append(second.map { $0 / scale } + [0]) }
  }

  /// The mean of a standard normal variable within each bin, the bins cutting it into these shares.
  static func normalScores(_ weights: [Double]) -> [Double] {
    var below = 0.0
    var density = 0.0
    return weights.map { weight in
      guard weight > 0 else { return 0 }
      below += weight
      let upper = below < 1 - 1e-12 ? Self.density(Normal.quantile(upper: 1 - below)) : 0
      defer { density = upper }
      return (density - upper) / weight
    }
  }

  private static func density(_ z: Double) -> Double { Elementary.exp(-z * z / 2) * 0.3989422804014327 }

  private static func mean(_ values: [Double], _ weights: [Double]) -> Double {
    zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Nil for values that hardly differ.
  private static func standardised(_ values: [Double], _ weights: [Double]) -> [Double]? {
    let mean = mean(values, weights)
    let variance = self.mean(values.map { ($0 - mean) * ($0 - mean) }, weights)
    guard variance > 1e-3 else { return nil }
    return values.map { ($0 - mean) / variance.squareRoot() }
  }
}

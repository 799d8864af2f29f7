/// The quantiles behind critical values, which do not depend on the rows: found once for all windows, about 10 µs for
/// each number of bins.
struct NoiseQuantiles: Sendable {
  /// By degrees of freedom; 0 at index 0.
  private let chiSquare: [Double]
  let kolmogorov: Double
  /// Of both tails of the normal distribution together.
  let normal: Double
  /// ln(2/α).
  let logarithm: Double

  /// - Parameters:
  ///   - alpha: the probability with which noise exceeds a critical value.
  ///   - bins: the most bins of a comparison.
  init(alpha: Double, bins: Int) {
    chiSquare = (0..<max(bins, 1)).map { $0 == 0 ? 0 : ChiSquare.quantile(upper: alpha, degrees: $0) }
    kolmogorov = Kolmogorov.quantile(upper: alpha)
    normal = Normal.quantile(upper: alpha / 2)
    logarithm = Elementary.log(2 / alpha)
  }

  /// Of chi-square with one degree of freedom less than bins are occupied; 0 below two.
  func chiSquare(bins: Int) -> Double {
    bins > 1 ? chiSquare[min(bins, chiSquare.count) - 1] : 0
  }
}

/// What sampling does to statistics of two samples of independent rows, or of rows of which every τ count as one.
///
/// `critical` values are exceeded with probability α at most when nothing changed. `clearance` is a value that a change
/// of the threshold's size would fall below with a probability of 5 % at most: only below it are the rows enough to
/// say that there is no such change.
struct SamplingNoise {
  /// The standard normal quantile of 5 %.
  static let z = 1.6448536269514722

  let referenceRows: Double
  let currentRows: Double
  let quantiles: NoiseQuantiles
  /// 1/n + 1/N.
  let variance: Double

  init(referenceRows: Int, currentRows: Int, dependence: Double, _ quantiles: NoiseQuantiles) {
    let factor = max(dependence, 1)
    self.referenceRows = Double(max(referenceRows, 1)) / factor
    self.currentRows = Double(max(currentRows, 1)) / factor
    self.quantiles = quantiles
    variance = 1 / self.referenceRows + 1 / self.currentRows
  }

  /// A divergence of a true size t that is about `scale` times chi-square for small changes (Yurdakul 2018 for the PSI;
  /// the others by their second-order expansions) is about noncentral chi-square: mean t + Kc, variance 4ct + 2Kc², c
  /// the scale times 1/n + 1/N.
  func clearance(_ threshold: Double, scale: Double, bins: Int) -> Double {
    let unit = scale * variance
    let degrees = Double(max(bins - 1, 0))
    let spread = (4 * unit * threshold + 2 * degrees * unit * unit).squareRoot()
    return min(threshold + degrees * unit - Self.z * spread, threshold)
  }

  /// Kolmogorov (1933) and Smirnov (1939), asymptotic, conservative over ties and bins.
  var criticalGap: Double { variance.squareRoot() * quantiles.kolmogorov }

  /// Of Kolmogorov–Smirnov and total variation: where the true gap is largest, the observed one is unbiased with a
  /// standard deviation of at most ½√(1/n + 1/N), and what is taken over all places is no smaller.
  func clearance(gap threshold: Double) -> Double {
    threshold - Self.z * variance.squareRoot() / 2
  }

  /// Of a difference of shares that are `pooled` on average: normal, with the first correction of Cornish and Fisher
  /// (1938), without which rare rows would alarm too often.
  func critical(share pooled: Double) -> Double {
    quantiles.normal * (max(pooled * (1 - pooled), 0) * variance).squareRoot() + quantiles.logarithm / 3 * variance
  }

  func clearance(share threshold: Double, reference: Double) -> Double {
    let expected = min(reference + threshold, 1)
    let spread =
      max(reference * (1 - reference), 0) / referenceRows + max(expected * (1 - expected), 0) / currentRows
    return threshold - Self.z * spread.squareRoot()
  }

  /// Of the share outside the reference's range. By exchangeability the range leaves out a probability of
  /// Beta(2, N − 1) at most, below x with probability 1 − (1 + Nx)e^(−Nx) at least; Bernstein's inequality bounds what
  /// n rows make of it.
  func criticalOutside() -> Double {
    let tail = quantiles.logarithm
    // (1 + y)e^(−y) = α/2 by fixed-point iteration, which converges from below for y > 1.
    var y = tail + 2
    for _ in 0..<20 { y = tail + Elementary.log(1 + y) }
    let outside = min(y / referenceRows, 1)
    return outside + (2 * outside * tail / currentRows).squareRoot() + 2 * tail / (3 * currentRows)
  }
}

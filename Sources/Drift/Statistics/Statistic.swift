/// How far one distribution over bins lies from another.
public enum Statistic: String, Hashable, Sendable, CaseIterable {
  /// Population stability index Σ (q − p) ln(q/p), the symmetric Kullback–Leibler divergence of Jeffreys (1946), over
  /// shares that are smoothed by ε = 1/(n + N): share = (count/total + ε)/(1 + Kε) over the K bins that hold a row of
  /// either side. Both sides get the same ε, so a bin that is empty in both adds nothing.
  case psi
  /// Jensen–Shannon divergence (Lin 1991) in nats, 0 to ln 2, of the plain shares. For small changes an eighth of
  /// the PSI.
  case jensenShannon = "jensen_shannon"
  /// Largest difference of the cumulative shares over the bins in order, 0 to 1: a lower bound of the
  /// Kolmogorov–Smirnov distance of the values. Categories come in the reference's order of frequency, missing last;
  /// there it is a lower bound of half the sum of differences (total variation).
  case kolmogorovSmirnov = "kolmogorov_smirnov"

  /// The statistic of two sides; 0 where either is empty. 30 ns a bin for the divergences, 2 for Kolmogorov–Smirnov.
  func value(of comparison: BinComparison) -> Double {
    switch self {
    case .psi: comparison.psi()
    case .jensenShannon: comparison.jensenShannon()
    case .kolmogorovSmirnov: comparison.kolmogorovSmirnov()
    }
  }

  /// The value that sampling alone exceeds with the probability of `quantiles` when both sides are independent draws
  /// from one distribution. 0 below two occupied bins or without rows on both sides, where the value is 0 too.
  ///
  /// PSI: (1/n + 1/N)·χ², the chi-square quantile with K − 1 degrees of freedom (Yurdakul 2018). Jensen–Shannon: an
  /// eighth of it, from the second-order expansion of both. Kolmogorov–Smirnov: the asymptotic quantile, which is
  /// conservative over bins. Rows that depend on one another vary more than that.
  ///
  /// Simulated exceedance (`FalseAlarmTests`) is at or below that probability for n ≥ 500.
  func critical(for comparison: BinComparison, _ quantiles: NoiseQuantiles) -> Double {
    guard comparison.occupied > 1, comparison.comparable else { return 0 }
    let noise = 1 / Double(comparison.referenceRows) + 1 / Double(comparison.currentRows)
    switch self {
    case .psi: return noise * quantiles.chiSquare[comparison.occupied - 1]
    case .jensenShannon: return noise * quantiles.chiSquare[comparison.occupied - 1] / 8
    case .kolmogorovSmirnov: return noise.squareRoot() * quantiles.kolmogorov
    }
  }
}

/// The quantiles behind critical values, which do not depend on the rows: found once for all windows, about 10 µs for
/// each number of bins.
struct NoiseQuantiles: Sendable {
  /// By degrees of freedom; 0 at index 0.
  let chiSquare: [Double]
  let kolmogorov: Double

  /// - Parameters:
  ///   - alpha: the probability with which noise exceeds a critical value.
  ///   - bins: the most bins of a comparison.
  init(alpha: Double, bins: Int) {
    chiSquare = (0..<max(bins, 1)).map { $0 == 0 ? 0 : ChiSquare.quantile(upper: alpha, degrees: $0) }
    kolmogorov = Kolmogorov.quantile(upper: alpha)
  }
}

/// Two arrays of counts over the same bins, with their totals.
struct BinComparison {
  let reference: [Int]
  let current: [Int]
  let referenceRows: Int
  let currentRows: Int
  /// Bins that hold a row of either side.
  let occupied: Int

  init(reference: [Int], current: [Int]) {
    precondition(reference.count == current.count, "counts over different bins cannot be compared")
    self.reference = reference
    self.current = current
    referenceRows = reference.reduce(0, +)
    currentRows = current.reduce(0, +)
    var occupied = 0
    for bin in reference.indices where reference[bin] + current[bin] > 0 { occupied += 1 }
    self.occupied = occupied
  }

  /// Whether both sides have rows.
  var comparable: Bool { referenceRows > 0 && currentRows > 0 }

  /// What one bin adds to the PSI.
  func psi(ofBin bin: Int) -> Double {
    guard comparable, reference[bin] + current[bin] > 0 else { return 0 }
    let epsilon = 1 / Double(referenceRows + currentRows)
    let p = Double(reference[bin]) / Double(referenceRows) + epsilon
    let q = Double(current[bin]) / Double(currentRows) + epsilon
    return (q - p) * Elementary.log(q / p) / (1 + Double(occupied) * epsilon)
  }

  func psi() -> Double {
    var sum = 0.0
    for bin in reference.indices { sum += psi(ofBin: bin) }
    return sum
  }

  func jensenShannon() -> Double {
    guard comparable else { return 0 }
    var sum = 0.0
    for bin in reference.indices {
      let p = Double(reference[bin]) / Double(referenceRows)
      let q = Double(current[bin]) / Double(currentRows)
      let mean = (p + q) / 2
      if p > 0 { sum += p * Elementary.log(p / mean) }
      if q > 0 { sum += q * Elementary.log(q / mean) }
    }
    return max(sum / 2, 0)
  }

  func kolmogorovSmirnov() -> Double {
    guard comparable else { return 0 }
    var below = 0
    var currentBelow = 0
    var largest = 0.0
    for bin in reference.indices {
      below += reference[bin]
      currentBelow += current[bin]
      let gap = Double(currentBelow) / Double(currentRows) - Double(below) / Double(referenceRows)
      largest = max(largest, gap.magnitude)
    }
    return largest
  }
}

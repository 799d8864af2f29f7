extension QuantileSketch {
  /// The rank error of an inexact sketch of this k: 2.296 / k^0.9723, or 2.446 / k^0.9433 for the mass between two
  /// ranks, which the library's authors fitted to the 99th percentile of the largest error in thousands of trials.
  public static func normalizedRankError(k: Int, pmf: Bool = false) -> Double {
    pmf ? 2.446 / power(Double(k), 0.9433) : 2.296 / power(Double(k), 0.9723)
  }

  /// A power between 0 and 1 from square roots, one for each binary digit of the exponent: the same on every platform.
  private static func power(_ base: Double, _ exponent: Double) -> Double {
    var product = 1.0
    var root = base
    var rest = exponent
    while rest > 0 {
      root = root.squareRoot()
      rest *= 2
      guard rest >= 1 else { continue }
      product *= root
      rest -= 1
    }
    return product
  }
}

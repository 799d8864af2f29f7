/// Whether two samples come from one distribution, by the largest gap of their distribution functions.
public enum KolmogorovSmirnovTest {
  /// Below this product of the sample sizes the probability is counted path by path, at 2 ns each.
  static let mostPaths = 40_000

  /// P(gap ≥ `gap`) for samples of n and m independent values of one continuous distribution; conservative where values
  /// tie. Exact for small samples (Hodges 1958), asymptotic beyond and where `dependence` is above 1.
  public static func pValue(gap: Double, _ n: Int, _ m: Int, dependence: Double = 1) -> Double {
    guard n > 0, m > 0, gap > 0 else { return 1 }
    if dependence <= 1, n * m <= mostPaths { return exact(gap, n, m) }
    let rows = Double(n) * Double(m) / (Double(n) + Double(m)) / max(dependence, 1)
    return Kolmogorov.upperTail(rows.squareRoot() * gap)
  }

  /// Walks the lattice of i values of one sample and j of the other: the share of paths to (i, j) that have touched a
  /// gap of at least `gap` follows from its two predecessors, so that a small probability keeps its digits.
  private static func exact(_ gap: Double, _ n: Int, _ m: Int) -> Double {
    // Gaps are multiples of 1/nm; half a step of tolerance absorbs the rounding of the statistic.
    let bound = gap * Double(n) * Double(m) - 0.5
    var touched = [Double](repeating: 0, count: m + 1)
    for i in 0...n {
      for j in 0...m {
        if Double((i * m - j * n).magnitude) > bound {
          touched[j] = 1
        } else if i + j > 0 {
          let before = j > 0 ? Double(j) * touched[j - 1] : 0
          touched[j] = (Double(i) * touched[j] + before) / Double(i + j)
        }
      }
    }
    return touched[m]
  }

  /// The least probability that samples of these sizes can give, that of no overlap at all: 2/C(n + m, n).
  static func leastPValue(_ n: Int, _ m: Int, dependence: Double) -> Double {
    let (a, b) = (Double(n) / dependence, Double(m) / dependence)
    let ways = Gamma.logGamma(a + b + 1) - Gamma.logGamma(a + 1) - Gamma.logGamma(b + 1)
    return min(2 * Elementary.exp(-ways), 1)
  }
}

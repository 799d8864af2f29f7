public import Sketches

/// How far one sample lies from another: the size of a difference, never its significance.
///
/// Shares are of the rows that each side has; a missing value is one more bin. `kolmogorovSmirnov`, `wasserstein`,
/// `wassersteinNormalized` and `energyDistance` are of the values alone. Statistics over bins are exact functions of the
/// binned distributions; by the data-processing inequality those of the values are no smaller.
public enum Statistic: String, Hashable, Sendable, CaseIterable {
  /// Population stability index Σ (q − p) ln(q/p), the symmetric Kullback–Leibler divergence of Jeffreys (1946), over
  /// shares that are smoothed by ε = 1/(n + N): share = (count/total + ε)/(1 + Kε) over the K bins that hold a row of
  /// either side. Both sides get the same ε, so a bin that is empty in both adds nothing.
  case psi
  /// Jensen–Shannon divergence (Lin 1991) in nats, 0 to ln 2, of the plain shares: the square of SciPy's
  /// `jensenshannon`. For small changes an eighth of the PSI.
  case jensenShannon = "jensen_shannon"
  /// Kullback–Leibler divergence Σ q ln(q/p) in nats of the current shares q from the reference's p, smoothed as for the
  /// PSI, of which it is a half for small changes.
  case kullbackLeibler = "kullback_leibler"
  /// Hellinger distance √(1 − Σ √(pq)), 0 to 1. For small changes its square is an eighth of the PSI.
  case hellinger
  /// Total variation ½ Σ |q − p|, 0 to 1: the share of rows that would have to move.
  case totalVariation = "total_variation"
  /// √(½ Σ (q − p)²/(q + p)), 0 to 1: Cramér's V of the table of two rows, both weighed alike, so that it does not
  /// shrink where one side has more rows (Le Cam's distance). For small changes its square is a quarter of the PSI.
  /// `ChiSquareTest` has the chi-square statistic itself.
  case cramersV = "cramers_v"
  /// Largest gap between the distribution functions of the values, 0 to 1.
  case kolmogorovSmirnov = "kolmogorov_smirnov"
  /// Wasserstein-1 (earth mover's) distance of the values, in their unit.
  case wasserstein
  /// The same in standard deviations of the reference (the root of the mean squared deviation); infinite where a
  /// reference without spread is left.
  case wassersteinNormalized = "wasserstein_normalized"
  /// Energy distance √(2 ∫ (F − G)² dx) (Székely and Rizzo 2013) of the values in standard deviations of the reference.
  /// Chosen over Cramér–von Mises because it is an integral over the values' own axis: bounds on the distribution
  /// functions bound it, while Cramér–von Mises also depends on how the rows of both sides tie.
  case energyDistance = "energy_distance"
  /// |q − p| of the shares of rows without a usable value.
  case missingRate = "missing_rate"
  /// Share of the current values below the reference's minimum or above its maximum.
  case outOfRangeRate = "out_of_range_rate"
  /// Share of the current rows with a level that the reference never held.
  case newCategoryRate = "new_category_rate"
  /// Relative change of the number of distinct values, each side's set in relation to that of as many rows drawn from
  /// both together, so that more rows alone are no change: 0.5 is half as many again, or half as many.
  case cardinality

  /// Whether a column of this kind has the statistic.
  public func applies(to kind: ColumnKind) -> Bool {
    switch self {
    case .psi, .jensenShannon, .kullbackLeibler, .hellinger, .totalVariation, .cramersV, .missingRate, .cardinality:
      true
    case .kolmogorovSmirnov, .wasserstein, .wassersteinNormalized, .energyDistance, .outOfRangeRate:
      kind == .numeric
    case .newCategoryRate: kind == .category
    }
  }
}

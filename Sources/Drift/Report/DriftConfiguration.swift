import Sketches

/// When a difference from the reference counts as drift.
public struct DriftConfiguration: Hashable, Sendable {
  /// Statistics to compute, each with the size from which it matters. Any of them may find drift.
  public var thresholds: [Statistic: Double]
  /// Probability that sampling noise alone finds drift anywhere in one report over unchanged independent rows. It is
  /// shared equally by all columns and statistics.
  public var falseAlarmRate: Double
  /// Rows that a window needs before it is judged.
  public var minimumRows: Int
  /// Rows that a reference needs before anything is judged by it.
  public var minimumReferenceRows: Int

  /// What a window is watched for: PSI 0.25, Jensen–Shannon 0.03 nats and Kolmogorov–Smirnov 0.15, which a shift of a
  /// normal column by 0.50, 0.49 and 0.38 standard deviations reaches; a tenth more or fewer rows without a value; one
  /// row in twenty of a new level.
  public static let watched: [Statistic: Double] = [
    .psi: 0.25, .jensenShannon: 0.03, .kolmogorovSmirnov: 0.15, .missingRate: 0.1, .newCategoryRate: 0.05,
  ]

  /// Every statistic that has a scale of its own, with the size that a shift of a normal column by half a standard
  /// deviation has where there is one. `wasserstein` is left out: it is in the column's unit.
  public static let all: [Statistic: Double] = watched.merging(
    [
      .kullbackLeibler: 0.125, .hellinger: 0.17, .totalVariation: 0.2, .cramersV: 0.24, .wassersteinNormalized: 0.5,
      .energyDistance: 0.37, .outOfRangeRate: 0.05, .cardinality: 0.5,
    ], uniquingKeysWith: { watched, _ in watched })

  public init(
    thresholds: [Statistic: Double] = Self.watched, falseAlarmRate: Double = 1e-5, minimumRows: Int = 500,
    minimumReferenceRows: Int = 200
  ) {
    self.thresholds = thresholds
    self.falseAlarmRate = falseAlarmRate
    self.minimumRows = minimumRows
    self.minimumReferenceRows = minimumReferenceRows
  }

  /// The statistics of a column of this kind with their thresholds, in the order of `Statistic.allCases`.
  func statistics(of kind: ColumnKind) -> [(statistic: Statistic, threshold: Double)] {
    Statistic.allCases.compactMap { statistic in
      guard statistic.applies(to: kind), let threshold = thresholds[statistic] else { return nil }
      return (statistic, threshold)
    }
  }
}

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

  /// The defaults: PSI 0.25, Jensen–Shannon 0.03 nats, Kolmogorov–Smirnov 0.15, which a shift of a normal column by
  /// 0.50, 0.49 and 0.38 standard deviations reaches.
  public init(
    thresholds: [Statistic: Double] = [.psi: 0.25, .jensenShannon: 0.03, .kolmogorovSmirnov: 0.15],
    falseAlarmRate: Double = 1e-5, minimumRows: Int = 500, minimumReferenceRows: Int = 200
  ) {
    self.thresholds = thresholds
    self.falseAlarmRate = falseAlarmRate
    self.minimumRows = minimumRows
    self.minimumReferenceRows = minimumReferenceRows
  }
}

/// What a window of judged rows was compared with.
public enum PerformanceBasis: String, Hashable, Sendable, CaseIterable {
  /// Each version's own loss on its validation rows.
  case validation
  /// The loss of the judged rows before the window, whichever versions served them. It sees what validation cannot: a
  /// version that was trained and validated in the midst of a change has a bad validation loss of its own.
  case history
}

/// Whether judged rows lost more than they should have.
public struct PerformanceEvidence: Hashable, Sendable {
  /// What was measured: `log_loss`, `error`, `absolute_error`.
  public let measure: String
  public let basis: PerformanceBasis
  /// Event time of the rows of the window, milliseconds; `to` is the first time after them.
  public let from: Int64
  public let to: Int64
  /// Start of the earliest rows that the evidence rests on: those of the yardstick, where it is history.
  public let restsOnRowsFrom: Int64
  /// Versions that served the window, ascending.
  public let versions: [Int]
  /// Judged rows of the window, and rows that the yardstick rests on.
  public let rows: Int
  public let referenceRows: Int
  /// Mean loss of the window and of the yardstick, weighted alike.
  public let mean: Double
  public let reference: Double
  /// Of `excess`, both sides' sampling and the rows' dependence included. 0 where no loss varies.
  public let standardError: Double
  /// By how much dependence between rows inflates the variance, at least 1.
  public let correlation: Double
  /// The smallest excess that counts, in units of the measure.
  public let tolerance: Double
  /// Standard errors by which the excess must exceed zero.
  public let criticalZ: Double
  /// Whether rows suffice on both sides.
  public let sufficient: Bool

  public init(
    measure: String, basis: PerformanceBasis, from: Int64, to: Int64, restsOnRowsFrom: Int64,
    versions: [Int],
    rows: Int, referenceRows: Int, mean: Double, reference: Double, standardError: Double,
    correlation: Double,
    tolerance: Double, criticalZ: Double, sufficient: Bool
  ) {
    self.measure = measure
    self.basis = basis
    self.from = from
    self.to = to
    self.restsOnRowsFrom = restsOnRowsFrom
    self.versions = versions
    self.rows = rows
    self.referenceRows = referenceRows
    self.mean = mean
    self.reference = reference
    self.standardError = standardError
    self.correlation = correlation
    self.tolerance = tolerance
    self.criticalZ = criticalZ
    self.sufficient = sufficient
  }

  /// Loss beyond the reference, negative where the window is better.
  public var excess: Double { mean - reference }

  /// Excess in standard errors; 0 where no loss varies, for then there is no excess either.
  public var z: Double { standardError > 0 ? excess / standardError : 0 }

  /// Rows suffice, the excess is positive and reaches both `tolerance` and `criticalZ` standard errors.
  public var fires: Bool { sufficient && excess >= tolerance && excess > 0 && z >= criticalZ }
}

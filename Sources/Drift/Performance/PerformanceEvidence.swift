/// What judged rows are compared with.
public enum PerformanceBasis: String, Hashable, Sendable, CaseIterable {
  /// Each version's own loss on its validation rows. It sees a version that was wrong from its first day.
  case validation
  /// The loss of the judged rows before the window, whichever versions served them. It sees what validation cannot: a
  /// version that was trained and validated in the midst of a change has a bad validation loss of its own, and a
  /// validation on a hundred rows is a weak yardstick.
  case history
}

/// Whether judged rows lost more than they should have.
public struct PerformanceEvidence: Hashable, Sendable {
  public let measure: LossMeasure
  public let basis: PerformanceBasis
  /// Event time of the rows that `rows` and `mean` are of, milliseconds; `to` is the first time after them. While nothing
  /// is alarming that is the window, else from the estimated onset on.
  public let from: Int64
  public let to: Int64
  /// Start of the earliest judged row that the statistic has taken in.
  public let restsOnRowsFrom: Int64
  /// Versions that served those rows, ascending.
  public let versions: [Int]
  /// Judged rows, and rows that the yardstick rests on.
  public let rows: Int
  public let referenceRows: Int
  /// Mean loss of the rows and of the yardstick, weighted alike.
  public let mean: Double
  public let reference: Double
  /// The excess that does not count, in units of the measure.
  public let tolerance: Double
  /// Natural logarithms of the statistic, at least 0, and of what it must reach.
  public let logEvidence: Double
  public let logThreshold: Double
  /// By how much dependence between rows inflates the variance, at least 1.
  public let correlation: Double
  /// Start of the pane in which the rise is estimated to have begun; nil where nothing was compared yet.
  public let onset: Int64?
  /// Whether rows suffice on both sides.
  public let sufficient: Bool

  public init(
    measure: LossMeasure, basis: PerformanceBasis, from: Int64, to: Int64, restsOnRowsFrom: Int64, versions: [Int],
    rows: Int, referenceRows: Int, mean: Double, reference: Double, tolerance: Double, logEvidence: Double,
    logThreshold: Double, correlation: Double, onset: Int64?, sufficient: Bool
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
    self.tolerance = tolerance
    self.logEvidence = logEvidence
    self.logThreshold = logThreshold
    self.correlation = correlation
    self.onset = onset
    self.sufficient = sufficient
  }

  /// Loss beyond the reference, negative where the rows are better.
  public var excess: Double { mean - reference }

  /// How far the evidence is beyond its threshold, in nats.
  public var margin: Double { logEvidence - logThreshold }

  /// Rows suffice and the evidence that the loss rose by more than is tolerated has reached its threshold.
  public var fires: Bool { sufficient && margin >= 0 }
}

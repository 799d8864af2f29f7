/// Whether a change costs anything.
public enum HarmVerdict: String, Hashable, Sendable, CaseIterable {
  /// The risk lies above what it was, by more than is tolerated.
  case harmful
  /// Whatever changed, the risk lies below what is tolerated.
  case benign
  /// Too few judged rows to tell, or none yet.
  case notYetKnown = "not_yet_known"

  /// Of several assessments of one change: one that proves harm decides, then one that proves there is none.
  public init(_ assessments: some Sequence<HarmAssessment>) {
    let verdicts = Set(assessments.map(\.verdict))
    self = verdicts.contains(.harmful) ? .harmful : verdicts.contains(.benign) ? .benign : .notYetKnown
  }
}

/// The risk of the rows judged since a moment against a yardstick, with what is known of either.
public struct HarmAssessment: Hashable, Sendable {
  public let measure: LossMeasure
  public let basis: PerformanceBasis
  /// Event time of the judged rows, milliseconds; `to` is the first time after them.
  public let since: Int64
  public let to: Int64
  public let rows: Int
  public let referenceRows: Int
  /// Mean loss of the rows and of the yardstick, weighted alike.
  public let mean: Double
  public let reference: Double
  /// Confidence sequence of the risk minus the yardstick, the yardstick's own error included.
  public let excessLow: Double
  public let excessHigh: Double
  /// The excess that is tolerated.
  public let tolerance: Double
  /// By how much dependence between rows inflates the variance, at least 1.
  public let correlation: Double
  /// Whether the rows are as many as anything is said on.
  public let sufficient: Bool

  public init(
    measure: LossMeasure, basis: PerformanceBasis, since: Int64, to: Int64, rows: Int, referenceRows: Int, mean: Double,
    reference: Double, excessLow: Double, excessHigh: Double, tolerance: Double, correlation: Double, sufficient: Bool
  ) {
    self.measure = measure
    self.basis = basis
    self.since = since
    self.to = to
    self.rows = rows
    self.referenceRows = referenceRows
    self.mean = mean
    self.reference = reference
    self.excessLow = excessLow
    self.excessHigh = excessHigh
    self.tolerance = tolerance
    self.correlation = correlation
    self.sufficient = sufficient
  }

  public var verdict: HarmVerdict {
    guard sufficient else { return .notYetKnown }
    if excessLow > tolerance { return .harmful }
    return excessHigh < tolerance ? .benign : .notYetKnown
  }
}

/// The risk of rows judged since a change against a yardstick; part of a record of `drift` while something is alarming.
public struct RiskRecord: Hashable, Sendable {
  /// `log_loss`, `error` or `absolute_error`.
  public var measure: String
  /// `validation` or `history`.
  public var basis: String
  /// Event time of the judged rows.
  public var since: Milliseconds
  public var until: Milliseconds
  public var rows: Int
  /// Mean loss of the rows and of the yardstick.
  public var mean: Double
  public var reference: Double
  /// Between these the risk exceeds the yardstick, however often one looks; `nil` above where no bound is known.
  public var excessLow: Double
  public var excessHigh: Double
  /// The excess that is tolerated.
  public var tolerance: Double
  /// `harmful`, `benign` or `not_yet_known`.
  public var verdict: String

  public init(
    measure: String, basis: String, since: Milliseconds, until: Milliseconds, rows: Int, mean: Double,
    reference: Double, excessLow: Double, excessHigh: Double, tolerance: Double, verdict: String
  ) {
    self.measure = measure
    self.basis = basis
    self.since = since
    self.until = until
    self.rows = rows
    self.mean = mean
    self.reference = reference
    self.excessLow = excessLow
    self.excessHigh = excessHigh
    self.tolerance = tolerance
    self.verdict = verdict
  }
}

/// What scores promise of rows without labels, beside what the same promise was worth where labels have come; part of a
/// record of `drift`. It flatters where the concept moves, and decides nothing.
public struct EstimateRecord: Hashable, Sendable {
  public var measure: String
  public var windowStart: Milliseconds
  public var windowEnd: Milliseconds
  public var rows: Int
  /// Expected mean loss of the rows.
  public var estimate: Double
  /// The newest window whose labels have come.
  public var matured: Matured?

  public struct Matured: Hashable, Sendable {
    public var windowStart: Milliseconds
    public var windowEnd: Milliseconds
    public var rows: Int
    /// What was promised, and what came.
    public var estimate: Double
    public var actual: Double

    public init(
      windowStart: Milliseconds, windowEnd: Milliseconds, rows: Int, estimate: Double, actual: Double
    ) {
      self.windowStart = windowStart
      self.windowEnd = windowEnd
      self.rows = rows
      self.estimate = estimate
      self.actual = actual
    }
  }

  public init(
    measure: String, windowStart: Milliseconds, windowEnd: Milliseconds, rows: Int, estimate: Double,
    matured: Matured? = nil
  ) {
    self.measure = measure
    self.windowStart = windowStart
    self.windowEnd = windowEnd
    self.rows = rows
    self.estimate = estimate
    self.matured = matured
  }
}

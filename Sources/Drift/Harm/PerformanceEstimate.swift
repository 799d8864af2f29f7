/// What the scores of rows without labels promise of their loss, beside how far the same promise was off where labels
/// have come: an estimate flatters where the concept moves, so it stands beside its error and decides nothing.
public struct PerformanceEstimate: Hashable, Sendable {
  public let measure: LossMeasure
  /// Event time of the rows that the estimate is of, milliseconds; `to` is the first time after them.
  public let from: Int64
  public let to: Int64
  public let rows: Int
  /// Expected mean loss.
  public let estimate: Double
  /// The newest window whose labels have come; nil before there is one.
  public let matured: Matured?

  /// The same panes, as their scores promised and as they turned out.
  public struct Matured: Hashable, Sendable {
    public let from: Int64
    public let to: Int64
    /// Rows with a label.
    public let rows: Int
    public let estimate: Double
    public let actual: Double

    public init(from: Int64, to: Int64, rows: Int, estimate: Double, actual: Double) {
      self.from = from
      self.to = to
      self.rows = rows
      self.estimate = estimate
      self.actual = actual
    }

    /// Positive where the estimate was too good.
    public var flattery: Double { actual - estimate }
  }

  public init(
    measure: LossMeasure, from: Int64, to: Int64, rows: Int, estimate: Double, matured: Matured?
  ) {
    self.measure = measure
    self.from = from
    self.to = to
    self.rows = rows
    self.estimate = estimate
    self.matured = matured
  }
}

public import Sketches

/// What a version of a model was trained on, frozen with it: the yardstick for everything that the version later sees.
public struct Reference: Hashable, Sendable {
  /// Below this many rows a reference is provisional.
  public static let settledRows = 1_000

  /// Rows that it is made of.
  public let rows: Int
  /// In the order of the version's schema.
  public let columns: [ColumnReference]
  /// Columns that are computed from a row, such as a season's ranks.
  public let derived: [DerivedColumn]
  /// The version's own predictions on the reference's rows.
  public let prediction: ColumnReference?
  /// The version's loss on its validation rows as a column like any other; nil where there were none.
  public var lossColumn: ColumnReference?
  /// The version's loss on its validation rows, larger is worse.
  public var loss: Moments?
  /// A second measure on the same rows, larger is worse: the error rate, or the absolute error.
  public var error: Moments?
  /// What the version's scores are worth, from its validation rows; nil where they promise nothing.
  public var calibration: ScoreCalibration?
  /// Made from too few rows, to be replaced when there are enough.
  public let provisional: Bool
  /// Whether the rows came in order of time, so that `dependence` can be believed. Where not, the detector estimates
  /// it from the first panes that it sees.
  public let isOrdered: Bool

  /// - Parameter provisional: nil for what `settledRows` says of the rows.
  public init(
    rows: Int, columns: [ColumnReference], derived: [DerivedColumn] = [], prediction: ColumnReference? = nil,
    lossColumn: ColumnReference? = nil, loss: Moments? = nil, error: Moments? = nil,
    calibration: ScoreCalibration? = nil,
    provisional: Bool? = nil, isOrdered: Bool = true
  ) {
    self.rows = rows
    self.columns = columns
    self.derived = derived
    self.prediction = prediction
    self.lossColumn = lossColumn
    self.loss = loss
    self.error = error
    self.calibration = calibration
    self.provisional = provisional ?? (rows < Self.settledRows)
    self.isOrdered = isOrdered
  }
}

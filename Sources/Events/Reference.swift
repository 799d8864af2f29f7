/// The distribution of a version's training rows and its losses on validation rows, as records carry it.
public struct ReferenceRecord: Hashable, Sendable {
  public var rows: Int
  /// Fewer rows than a reference should have.
  public var provisional: Bool
  public var columns: [ColumnReferenceRecord]
  /// The version's own scores on its validation rows.
  public var prediction: ColumnReferenceRecord?
  /// Log loss with probabilities clipped to 0.01…0.99, or absolute error, on validation rows.
  public var loss: MomentsRecord?
  /// Misses (1) against hits (0), or absolute error, on validation rows.
  public var error: MomentsRecord?
  /// The loss of the validation rows as a column of its own, binned.
  public var lossColumn: ColumnReferenceRecord?
  /// Columns that are computed from whole rows, such as a rank within the hour of the day.
  public var derived: [DerivedColumnRecord]
  /// What the version's scores are worth on its validation rows, in its own binary form; opaque here.
  public var calibration: [UInt8]?
  /// Whether the rows came in order of time, so that `dependence` can be believed.
  public var ordered: Bool

  public init(
    rows: Int, provisional: Bool, columns: [ColumnReferenceRecord], prediction: ColumnReferenceRecord? = nil,
    loss: MomentsRecord? = nil, error: MomentsRecord? = nil, lossColumn: ColumnReferenceRecord? = nil,
    derived: [DerivedColumnRecord] = [], calibration: [UInt8]? = nil, ordered: Bool = true
  ) {
    self.rows = rows
    self.provisional = provisional
    self.columns = columns
    self.prediction = prediction
    self.loss = loss
    self.error = error
    self.lossColumn = lossColumn
    self.derived = derived
    self.calibration = calibration
    self.ordered = ordered
  }
}

/// A column that a frozen function computes from a row, its event time and its id.
public struct DerivedColumnRecord: Hashable, Sendable {
  /// Its bins and their counts.
  public var column: ColumnReferenceRecord
  /// The function in its own binary form; opaque here.
  public var derivation: [UInt8]

  public init(column: ColumnReferenceRecord, derivation: [UInt8]) {
    self.column = column
    self.derivation = derivation
  }
}

/// One column of a reference. `edges` for a numeric column; `levels` for a categorical one.
public struct ColumnReferenceRecord: Hashable, Sendable {
  public var name: String
  /// Bin edges, ascending; a value belongs to the bin numbered by how many edges lie strictly below it.
  public var edges: [Double]?
  /// Levels, most frequent first; then one bin for the rest and one for levels never seen.
  public var levels: [String]?
  /// Levels of the reference beyond those with a bin of their own.
  public var otherLevels: [String]
  /// Whether the reference held more such levels than are named here.
  public var otherLevelsIncomplete: Bool
  public var counts: [Int]
  public var missing: Int
  public var moments: MomentsRecord?
  /// By how much dependence between neighbouring rows inflates the variance of sums, at least 1.
  public var dependence: Double

  public init(
    name: String, edges: [Double]? = nil, levels: [String]? = nil, otherLevels: [String] = [],
    otherLevelsIncomplete: Bool = false, counts: [Int], missing: Int, moments: MomentsRecord? = nil,
    dependence: Double = 1
  ) {
    self.name = name
    self.edges = edges
    self.levels = levels
    self.otherLevels = otherLevels
    self.otherLevelsIncomplete = otherLevelsIncomplete
    self.counts = counts
    self.missing = missing
    self.moments = moments
    self.dependence = dependence
  }
}

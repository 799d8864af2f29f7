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

  public init(
    rows: Int, provisional: Bool, columns: [ColumnReferenceRecord], prediction: ColumnReferenceRecord? = nil,
    loss: MomentsRecord? = nil, error: MomentsRecord? = nil
  ) {
    self.rows = rows
    self.provisional = provisional
    self.columns = columns
    self.prediction = prediction
    self.loss = loss
    self.error = error
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

  public init(
    name: String, edges: [Double]? = nil, levels: [String]? = nil, otherLevels: [String] = [],
    otherLevelsIncomplete: Bool = false, counts: [Int], missing: Int, moments: MomentsRecord? = nil
  ) {
    self.name = name
    self.edges = edges
    self.levels = levels
    self.otherLevels = otherLevels
    self.otherLevelsIncomplete = otherLevelsIncomplete
    self.counts = counts
    self.missing = missing
    self.moments = moments
  }
}

/// How a version's sequential detector stands at one tick; part of a record of `drift`.
public struct DetectorRecord: Hashable, Sendable {
  /// `quiet`, `warning` or `alarm`.
  public var state: String
  /// ln of the model's statistic over its threshold: an alarm from 0 on.
  public var evidence: Double
  /// Start of the pane from which the leading column's evidence has been growing; `nil` where there is none.
  public var onset: Milliseconds?
  /// Those that contribute most, most evidence first.
  public var columns: [ColumnEvidenceRecord]
  /// Columns whose reference is worth so few independent rows that they may alarm more often than is promised.
  public var thinColumns: [String]

  public init(
    state: String, evidence: Double, onset: Milliseconds? = nil, columns: [ColumnEvidenceRecord] = [],
    thinColumns: [String] = []
  ) {
    self.state = state
    self.evidence = evidence
    self.onset = onset
    self.columns = columns
    self.thinColumns = thinColumns
  }
}

/// One column's part of a model's evidence.
public struct ColumnEvidenceRecord: Hashable, Sendable {
  /// The prediction's own distribution is named `(prediction)`, the loss `(loss)`.
  public var column: String
  /// Its part of the model's statistic, 0 to 1.
  public var share: Double
  /// What the change is like, in one word, such as `higher` or `new_category`.
  public var change: String
  /// The category or the value that has become more or less frequent; `nil` for other changes.
  public var bin: String?
  public var onset: Milliseconds

  public init(column: String, share: Double, change: String, bin: String? = nil, onset: Milliseconds) {
    self.column = column
    self.share = share
    self.change = change
    self.bin = bin
    self.onset = onset
  }
}

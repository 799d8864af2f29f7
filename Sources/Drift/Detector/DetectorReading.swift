/// What of a model a detector watches.
public enum WatchedRole: Hashable, Sendable {
  /// By position in the reference's columns.
  case column(Int)
  /// By position in the reference's derived columns.
  case derived(Int)
  case prediction
  case loss
}

/// How one watched column stands.
public struct ColumnEvidence: Hashable, Sendable {
  /// The column's name; `prediction` and `loss` for those.
  public let column: String
  public let role: WatchedRole
  /// ln of its part of the model's statistic over the threshold: from 0 on it would raise the alarm alone.
  public let evidence: Double
  /// Its part of the model's statistic, 0 to 1.
  public let share: Double
  /// What its leading bet stands for.
  public let change: ColumnChange
  /// The category, or the interval of an atom, that has become more or less frequent; nil for other changes.
  public let bin: String?
  /// Start of the pane from which its leading bet has been growing, in the unit that panes were given in.
  public let onset: Int64
}

/// How a model stands at one moment.
public struct DetectorReading: Hashable, Sendable {
  public enum State: String, Hashable, Sendable, CaseIterable {
    case quiet
    /// Beyond a tenth of the threshold.
    case warning
    /// Beyond the threshold, now or since the detector was last armed.
    case alarm
  }

  public let state: State
  /// Whether this reading is the first of its alarm. True once, until the detector is armed again.
  public let raised: Bool
  /// ln(statistic/threshold): an alarm from 0 on. At least −100.
  public let evidence: Double
  /// Largest part first. Empty while there is no evidence at all.
  public let columns: [ColumnEvidence]

  /// Start of the pane from which the leading column's evidence has been growing.
  public var onset: Int64? { columns.first?.onset }

  /// The same of the leading column but the loss: a time that says nothing of losses. Nil where no other column has
  /// evidence.
  public var onsetWithoutLoss: Int64? { columns.first { $0.role != .loss }?.onset }
}

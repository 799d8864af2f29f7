/// A decision to train: one record of `triggers`, keyed by model.
public struct Trigger: Hashable, Sendable {
  public var id: String
  public var model: String
  public var time: Milliseconds
  /// `drift`, `performance`, `volume`, `schedule`, `freshness` or `manual`.
  public var rule: String
  /// What the trigger is about; the same cause keeps its name over attempts.
  public var cause: String
  /// 1 for the first trigger of a cause.
  public var attempt: Int
  /// The version in service; `nil` where there is none yet.
  public var version: Int?
  public var column: String?
  public var statistic: String?
  public var value: Double?
  public var threshold: Double?
  /// Who asked, and why, for a manual trigger.
  public var reason: String?
  /// `harmful`, `benign` or `not_yet_known`; of alarms only.
  public var harm: String?
  /// From when on the rows are thought to be changed; of alarms only.
  public var onset: Milliseconds?
  public var rows: RowSet
  public var drift: DriftRecord?

  public init(
    id: String, model: String, time: Milliseconds, rule: String, cause: String, attempt: Int, version: Int? = nil,
    column: String? = nil, statistic: String? = nil, value: Double? = nil, threshold: Double? = nil,
    reason: String? = nil, harm: String? = nil, onset: Milliseconds? = nil, rows: RowSet, drift: DriftRecord? = nil
  ) {
    self.id = id
    self.model = model
    self.time = time
    self.rule = rule
    self.cause = cause
    self.attempt = attempt
    self.version = version
    self.column = column
    self.statistic = statistic
    self.value = value
    self.threshold = threshold
    self.reason = reason
    self.harm = harm
    self.onset = onset
    self.rows = rows
    self.drift = drift
  }
}

extension Trigger {
  /// The rule of what a person asks for.
  public static let manual = "manual"

  public var isManual: Bool { rule == Self.manual }
}

/// Rows to train on: those of the model with `from <= time < before`, found among the examples below `partitions`' ends.
/// Complete by construction, because `before` is never later than what is resolved in every partition.
public struct RowSet: Hashable, Sendable {
  /// `nil`: from the first row, or from where the champion stopped.
  public var from: Milliseconds?
  public var before: Milliseconds
  public var partitions: [PartitionRows]

  public init(from: Milliseconds? = nil, before: Milliseconds, partitions: [PartitionRows]) {
    self.from = from
    self.before = before
    self.partitions = partitions
  }
}

/// Examples `first ..< end` of one partition, by number.
public struct PartitionRows: Hashable, Sendable {
  public var partition: Int
  public var first: Int64
  public var end: Int64

  public init(partition: Int, first: Int64, end: Int64) {
    self.partition = partition
    self.first = first
    self.end = end
  }
}

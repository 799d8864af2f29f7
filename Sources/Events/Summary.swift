/// One record of `summaries`: what Summarize tells Monitor, keyed by model (progress: by source partition).
public enum SummaryRecord: Hashable, Sendable {
  indirect case pane(PaneSummary)
  indirect case judged(JudgedSummary)
  case progress(Progress)
}

/// The rows of one model version that one source partition scored within one pane of event time.
public struct PaneSummary: Hashable, Sendable {
  public var model: String
  public var version: Int
  /// The source partition.
  public var partition: Int
  /// The watermark at which the pane was closed; Monitor acts tick by tick.
  public var tick: Milliseconds
  public var start: Milliseconds
  public var end: Milliseconds
  public var rows: Int
  public var columns: [ColumnSummary]
  public var prediction: ColumnSummary?
  /// The reference's derived columns, in its order.
  public var derived: [ColumnSummary]
  /// What Monitor needs of the version; in the first pane of a version from a source partition.
  public var facts: VersionFacts?

  public init(
    model: String, version: Int, partition: Int, tick: Milliseconds, start: Milliseconds, end: Milliseconds,
    rows: Int, columns: [ColumnSummary], prediction: ColumnSummary? = nil, derived: [ColumnSummary] = [],
    facts: VersionFacts? = nil
  ) {
    self.model = model
    self.version = version
    self.partition = partition
    self.tick = tick
    self.start = start
    self.end = end
    self.rows = rows
    self.columns = columns
    self.prediction = prediction
    self.derived = derived
    self.facts = facts
  }
}

/// What a pane holds of one column, over the bins of the version's reference.
public struct ColumnSummary: Hashable, Sendable {
  public var name: String
  /// Values that were there and could be used.
  public var count: Int
  public var missing: Int
  /// Values of the wrong type for the column: text where a number is expected.
  public var invalid: Int
  /// Numeric columns only.
  public var moments: MomentsRecord?
  public var bins: [Int]
  /// Levels that the reference never held, exact up to a bound.
  public var unseen: [LevelCount]
  /// Rows with unseen levels beyond the bound.
  public var unseenOther: Int

  public init(
    name: String, count: Int, missing: Int, invalid: Int, moments: MomentsRecord? = nil, bins: [Int],
    unseen: [LevelCount] = [], unseenOther: Int = 0
  ) {
    self.name = name
    self.count = count
    self.missing = missing
    self.invalid = invalid
    self.moments = moments
    self.bins = bins
    self.unseen = unseen
    self.unseenOther = unseenOther
  }
}

/// How often a category was seen.
public struct LevelCount: Hashable, Sendable {
  public var level: String
  public var count: Int

  public init(level: String, count: Int) {
    self.level = level
    self.count = count
  }
}

/// Labelled rows of one model version, by pane of *prediction* time: complete once every earlier prediction of the
/// partition is labelled or expired.
public struct JudgedSummary: Hashable, Sendable {
  public var model: String
  public var version: Int
  public var partition: Int
  public var tick: Milliseconds
  public var start: Milliseconds
  public var end: Milliseconds
  /// Labelled rows.
  public var rows: Int
  /// Log loss with probabilities clipped to 0.01…0.99, or absolute error for regression.
  public var loss: MomentsRecord?
  /// The same losses over the bins of the reference's loss column; empty where it has none.
  public var lossBins: [Int]
  /// Misses (1) against hits (0), or absolute error for regression.
  public var error: MomentsRecord?
  /// The labels themselves: base rate, or mean of a regression target.
  public var label: MomentsRecord?
  /// Predictions that expired without a label.
  public var expired: Int

  public init(
    model: String, version: Int, partition: Int, tick: Milliseconds, start: Milliseconds, end: Milliseconds,
    rows: Int, loss: MomentsRecord? = nil, lossBins: [Int] = [], error: MomentsRecord? = nil,
    label: MomentsRecord? = nil, expired: Int = 0
  ) {
    self.model = model
    self.version = version
    self.partition = partition
    self.tick = tick
    self.start = start
    self.end = end
    self.rows = rows
    self.loss = loss
    self.lossBins = lossBins
    self.error = error
    self.label = label
    self.expired = expired
  }
}

/// How far a source partition has come; the last record of every tick.
public struct Progress: Hashable, Sendable {
  /// The source partition.
  public var partition: Int
  public var tick: Milliseconds
  /// Every prediction before this time is labelled or expired.
  public var resolved: Milliseconds
  /// The number that the next example of the partition will get.
  public var nextSeq: Int64
  /// What was counted since the last tick, by model, models in order of name.
  public var counts: [ModelCounts]

  public init(partition: Int, tick: Milliseconds, resolved: Milliseconds, nextSeq: Int64, counts: [ModelCounts]) {
    self.partition = partition
    self.tick = tick
    self.resolved = resolved
    self.nextSeq = nextSeq
    self.counts = counts
  }
}

/// What happened to the events of one model since the last tick.
public struct ModelCounts: Hashable, Sendable {
  public var model: String
  public var predictions: Int
  /// Examples made.
  public var examples: Int
  public var duplicatePredictions: Int
  public var duplicateLabels: Int
  /// Labels whose prediction did not come within the horizon.
  public var orphanLabels: Int
  /// Predictions whose label did not come within the horizon.
  public var expired: Int
  /// Predictions whose pane had closed.
  public var late: Int

  public init(
    model: String, predictions: Int = 0, examples: Int = 0, duplicatePredictions: Int = 0,
    duplicateLabels: Int = 0, orphanLabels: Int = 0, expired: Int = 0, late: Int = 0
  ) {
    self.model = model
    self.predictions = predictions
    self.examples = examples
    self.duplicatePredictions = duplicatePredictions
    self.duplicateLabels = duplicateLabels
    self.orphanLabels = orphanLabels
    self.expired = expired
    self.late = late
  }
}

/// What Monitor must know of a model version to judge its rows.
public struct VersionFacts: Hashable, Sendable {
  /// When the version was published, in event time.
  public var published: Milliseconds
  public var task: String
  public var reference: ReferenceRecord

  public init(published: Milliseconds, task: String, reference: ReferenceRecord) {
    self.published = published
    self.task = task
    self.reference = reference
  }
}

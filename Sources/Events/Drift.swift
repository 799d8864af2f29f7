/// The state of a model version's window at one tick: one record of `drift`, keyed by model.
public struct DriftRecord: Hashable, Sendable {
  public var model: String
  public var version: Int
  public var time: Milliseconds
  public var windowStart: Milliseconds
  public var windowEnd: Milliseconds
  public var rows: Int
  /// Every column and statistic, the most drifted first.
  public var findings: [Finding]
  /// What each drifted column brought to the drift, the largest first; without the prediction.
  public var contributions: [ColumnShare]
  public var unseen: [UnseenLevels]
  /// Judged rows against each yardstick; one entry per measure and basis.
  public var performance: [PerformanceRecord]
  /// The sequential detector over all columns; `nil` where the version has none.
  public var detector: DetectorRecord?
  /// While something is alarming: whether it costs anything, by each measure and basis.
  public var risk: [RiskRecord]
  /// What scores promise, by measure; it decides nothing.
  public var estimates: [EstimateRecord]

  public init(
    model: String, version: Int, time: Milliseconds, windowStart: Milliseconds, windowEnd: Milliseconds, rows: Int,
    findings: [Finding], contributions: [ColumnShare] = [], unseen: [UnseenLevels] = [],
    performance: [PerformanceRecord] = [], detector: DetectorRecord? = nil, risk: [RiskRecord] = [],
    estimates: [EstimateRecord] = []
  ) {
    self.model = model
    self.version = version
    self.time = time
    self.windowStart = windowStart
    self.windowEnd = windowEnd
    self.rows = rows
    self.findings = findings
    self.contributions = contributions
    self.unseen = unseen
    self.performance = performance
    self.detector = detector
    self.risk = risk
    self.estimates = estimates
  }
}

/// One statistic of one column against the reference.
public struct Finding: Hashable, Sendable {
  /// The prediction's own distribution is named `(prediction)`.
  public var column: String
  public var statistic: String
  public var value: Double
  /// What the exact value lies between, as far as the counts tell.
  public var low: Double
  public var high: Double
  /// The configured size of a change that matters.
  public var threshold: Double
  /// What chance alone would exceed with the configured probability.
  public var critical: Double
  public var referenceRows: Int
  public var rows: Int
  /// `drift`, `clear` or `undetermined`.
  public var verdict: String

  public init(
    column: String, statistic: String, value: Double, low: Double, high: Double, threshold: Double,
    critical: Double, referenceRows: Int, rows: Int, verdict: String
  ) {
    self.column = column
    self.statistic = statistic
    self.value = value
    self.low = low
    self.high = high
    self.threshold = threshold
    self.critical = critical
    self.referenceRows = referenceRows
    self.rows = rows
    self.verdict = verdict
  }
}

/// A column's part in the drift of all of them.
public struct ColumnShare: Hashable, Sendable {
  public var column: String
  /// Above 0 and at most 1.
  public var share: Double

  public init(column: String, share: Double) {
    self.column = column
    self.share = share
  }
}

/// Levels of a column that its reference never held.
public struct UnseenLevels: Hashable, Sendable {
  public var column: String
  public var levels: [LevelCount]

  public init(column: String, levels: [LevelCount]) {
    self.column = column
    self.levels = levels
  }
}

/// The loss of judged rows against what it should be.
public struct PerformanceRecord: Hashable, Sendable {
  /// What was measured: `log_loss`, `error` or `absolute_error`.
  public var measure: String
  /// The yardstick: `validation` for each version's own validation rows, `history` for the judged rows before.
  public var basis: String
  public var windowStart: Milliseconds
  public var windowEnd: Milliseconds
  public var rows: Int
  public var referenceRows: Int
  /// Mean in the window.
  public var mean: Double
  /// Mean of the yardstick.
  public var reference: Double
  /// Excess of the mean over the yardstick that is tolerated.
  public var tolerance: Double
  /// Natural logarithms of the evidence that the loss rose by more, and of what it must reach.
  public var logEvidence: Double
  public var logThreshold: Double
  /// By how much dependence between rows inflates the variance, at least 1.
  public var correlation: Double
  /// Start of the pane in which the rise is estimated to have begun.
  public var onset: Milliseconds?
  public var degraded: Bool

  public init(
    measure: String, basis: String, windowStart: Milliseconds, windowEnd: Milliseconds, rows: Int,
    referenceRows: Int, mean: Double, reference: Double, tolerance: Double, logEvidence: Double,
    logThreshold: Double, correlation: Double, onset: Milliseconds? = nil, degraded: Bool
  ) {
    self.measure = measure
    self.basis = basis
    self.windowStart = windowStart
    self.windowEnd = windowEnd
    self.rows = rows
    self.referenceRows = referenceRows
    self.mean = mean
    self.reference = reference
    self.tolerance = tolerance
    self.logEvidence = logEvidence
    self.logThreshold = logThreshold
    self.correlation = correlation
    self.onset = onset
    self.degraded = degraded
  }
}

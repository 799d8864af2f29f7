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
  public var unseen: [UnseenLevels]
  /// Judged rows against each yardstick; one entry per measure and basis.
  public var performance: [PerformanceRecord]

  public init(
    model: String, version: Int, time: Milliseconds, windowStart: Milliseconds, windowEnd: Milliseconds, rows: Int,
    findings: [Finding], unseen: [UnseenLevels] = [], performance: [PerformanceRecord] = []
  ) {
    self.model = model
    self.version = version
    self.time = time
    self.windowStart = windowStart
    self.windowEnd = windowEnd
    self.rows = rows
    self.findings = findings
    self.unseen = unseen
    self.performance = performance
  }
}

/// One statistic of one column against the reference.
public struct Finding: Hashable, Sendable {
  /// The prediction's own distribution is named `(prediction)`.
  public var column: String
  public var statistic: String
  public var value: Double
  /// The configured size of a change that matters.
  public var threshold: Double
  /// What chance alone would exceed with the configured probability.
  public var critical: Double
  public var referenceRows: Int
  public var rows: Int
  /// `drift`, `clear` or `undetermined`.
  public var verdict: String

  public init(
    column: String, statistic: String, value: Double, threshold: Double, critical: Double, referenceRows: Int,
    rows: Int, verdict: String
  ) {
    self.column = column
    self.statistic = statistic
    self.value = value
    self.threshold = threshold
    self.critical = critical
    self.referenceRows = referenceRows
    self.rows = rows
    self.verdict = verdict
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
  public var standardError: Double
  /// Excess in standard errors.
  public var z: Double
  public var degraded: Bool

  public init(
    measure: String, basis: String, windowStart: Milliseconds, windowEnd: Milliseconds, rows: Int,
    referenceRows: Int, mean: Double, reference: Double, tolerance: Double, standardError: Double, z: Double,
    degraded: Bool
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
    self.standardError = standardError
    self.z = z
    self.degraded = degraded
  }
}

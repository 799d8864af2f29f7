/// What a window says about the size of a change.
public enum DriftVerdict: String, Hashable, Sendable {
  /// At least the threshold, whatever the sketches leave open, and more than sampling explains.
  case drift
  /// Below the threshold, whatever the sketches leave open, on rows enough to say so: a change of the threshold's size
  /// would show as much less with a probability of 5 % at most.
  case clear
  /// Too few rows; or about as large as the threshold, within what the sketches leave open or what sampling explains.
  case undetermined
}

/// One statistic of one column.
public struct DriftFinding: Hashable, Sendable {
  public let column: String
  public let statistic: Statistic
  /// In the statistic's unit, 0 or more.
  public let value: Double
  /// What the exact value lies between; all three are equal where the rows or the bins tell it exactly.
  public let low: Double
  public let high: Double
  /// The size from which a change matters.
  public let threshold: Double
  /// The size that sampling noise alone reaches with the configured probability at most; infinite where no such law is
  /// known.
  public let critical: Double
  /// Rows on either side, those without a usable value included.
  public let referenceRows: Int
  public let currentRows: Int
  public let verdict: DriftVerdict

  /// - Parameters: `low` and `high` are `value` where they are left out.
  public init(
    column: String, statistic: Statistic, value: Double, low: Double? = nil, high: Double? = nil, threshold: Double,
    critical: Double, referenceRows: Int, currentRows: Int, verdict: DriftVerdict
  ) {
    self.column = column
    self.statistic = statistic
    self.value = value
    self.low = low ?? value
    self.high = high ?? value
    self.threshold = threshold
    self.critical = critical
    self.referenceRows = referenceRows
    self.currentRows = currentRows
    self.verdict = verdict
  }

  public var drifted: Bool { verdict == .drift }

  /// The low end over the larger of threshold and critical value: from 1 on it is drift, on rows enough.
  public var strength: Double {
    guard low > 0 else { return 0 }
    let bound = max(threshold, critical)
    return bound.isFinite || low.isFinite ? low / bound : 1
  }
}

extension DriftFinding {
  init(
    _ comparison: ColumnComparison, _ statistic: Statistic, _ measure: Measure, threshold: Double,
    _ configuration: DriftConfiguration
  ) {
    self.init(
      column: comparison.name, statistic: statistic, value: measure.bounds.value, low: measure.bounds.low,
      high: measure.bounds.high, threshold: threshold, critical: measure.critical,
      referenceRows: comparison.referenceRows, currentRows: comparison.currentRows,
      verdict: comparison.currentRows >= configuration.minimumRows
        && comparison.referenceRows >= configuration.minimumReferenceRows
        ? DriftVerdict(measure, threshold: threshold) : .undetermined)
  }
}

extension DriftVerdict {
  init(_ measure: Measure, threshold: Double) {
    let bounds = measure.bounds
    if bounds.low > 0, bounds.low >= threshold, bounds.low >= measure.critical {
      self = .drift
    } else if bounds.high < measure.clearance || bounds.high == 0 {
      // Equal shares are no change, not even where the threshold is 0.
      self = .clear
    } else {
      self = .undetermined
    }
  }
}

/// What a model's detector promises.
public struct DetectorConfiguration: Hashable, Sendable {
  /// Rows between two false alarms of the whole model, all columns together, on average and at least. 100 to 1e12.
  public var averageRunLength: Double

  public init(averageRunLength: Double = 100_000) {
    self.averageRunLength = averageRunLength
  }

  /// The statistic from which on there is an alarm; a stream of n rows without change holds one with probability at
  /// most n/threshold.
  public var threshold: Double {
    DetectorTuning.thresholdPerRunLength * promised
  }

  /// The logarithm of `threshold`.
  public var logThreshold: Double { Elementary.log(threshold) }

  /// The statistic from which on there is a warning: a tenth of the threshold, so that warnings without cause are
  /// still no nearer than the promised run length.
  public var warningThreshold: Double { promised }

  private var promised: Double {
    averageRunLength.isFinite ? min(max(averageRunLength, 100), 1e12) : 1e12
  }
}

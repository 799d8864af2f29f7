public import Events

/// When a challenger is good enough. Shares are of the champion's mean loss.
public struct GateConfiguration: Hashable, Sendable {
  /// Nil for the task's standard measure.
  public var measure: GateMeasure?
  /// "Worse" means: by at least this share. From 0 on.
  public var tolerance: Double
  /// What the challenger must be better by, as it was seen on the rows that say most. From 0 to 1. At 0 a challenger that
  /// does as well takes over, and brings what it has learned: where a stream changes that measured better than 0.01.
  public var gain: Double
  /// How likely a challenger that is worse may be promoted, over all looks at one comparison. 0.05; 0.01 is strict and
  /// costs a third more rows.
  public var alpha: Double
  /// Judged rows before anything is decided; the second where the dependence of rows is known from history.
  public var minimumRows: Int
  public var minimumRowsKnown: Int
  /// Rows of a shadow after which a person decides.
  public var shadowRows: Int
  /// What a challenger must be better by to serve provisionally where the champion does harm; nil: none does.
  public var provisionalGain: Double?
  /// "Worse" in one segment, and the rows below which a segment says nothing.
  public var segmentTolerance: Double
  public var segmentRows: Int
  /// Segments in which the challenger must be proven not to be worse by `segmentTolerance`, and the rows that takes at
  /// least. Every one of them costs power: choose few.
  public var protected: [Segment]
  public var protectedRows: Int
  public var fairness: [FairnessRule]
  /// The largest expected calibration error, 0 to 1; nil: it is only reported.
  public var calibrationLimit: Double?
  /// How much more the challenger may lose on the golden set.
  public var goldenTolerance: Double
  public var mostArtifactBytes: Int?
  /// To score one row.
  public var mostScoringNanoseconds: Double?
  /// How likely a version that is as good as the one before is ever rolled back.
  public var rollbackAlpha: Double

  public init(
    measure: GateMeasure? = nil, tolerance: Double = 0.02, gain: Double = 0, alpha: Double = 0.05,
    minimumRows: Int = 500, minimumRowsKnown: Int = 200, shadowRows: Int = 4_000, provisionalGain: Double? = 0.1,
    segmentTolerance: Double = 0.1, segmentRows: Int = 30, protected: [Segment] = [], protectedRows: Int = 1_000,
    fairness: [FairnessRule] = [], calibrationLimit: Double? = nil, goldenTolerance: Double = 0.05,
    mostArtifactBytes: Int? = nil, mostScoringNanoseconds: Double? = nil, rollbackAlpha: Double = 0.01
  ) {
    self.measure = measure
    self.tolerance = max(tolerance, 0)
    self.gain = min(max(gain, 0), 1)
    self.alpha = min(max(alpha, 1e-12), 1)
    self.minimumRows = max(minimumRows, 1)
    self.minimumRowsKnown = min(max(minimumRowsKnown, 1), self.minimumRows)
    self.shadowRows = max(shadowRows, 0)
    self.provisionalGain = provisionalGain.map { max($0, min(max(gain, 0), 1)) }
    self.segmentTolerance = max(segmentTolerance, 0)
    self.segmentRows = max(segmentRows, 1)
    self.protected = protected
    self.protectedRows = max(protectedRows, 1)
    self.fairness = fairness
    self.calibrationLimit = calibrationLimit
    self.goldenTolerance = max(goldenTolerance, 0)
    self.mostArtifactBytes = mostArtifactBytes
    self.mostScoringNanoseconds = mostScoringNanoseconds
    self.rollbackAlpha = min(max(rollbackAlpha, 1e-12), 1)
  }

  /// - Parameter dependence: nil where nothing is known of it before the comparison.
  func leastRows(knowing dependence: Double?) -> Int {
    dependence == nil ? minimumRows : minimumRowsKnown
  }
}

/// A rate whose gap between two groups is watched, both named by their values of one segment.
public struct FairnessRule: Hashable, Sendable {
  public var segment: String
  public var group: String
  public var other: String
  public var rate: FairnessRate
  /// The largest magnitude of the gap, 0 to 1; nil: it is only reported.
  public var limit: Double?
  /// Whether the gap must be proven to be within its limit, rather than not be proven beyond it.
  public var mustBeProven: Bool

  public init(
    segment: String, group: String, other: String, rate: FairnessRate, limit: Double? = nil, mustBeProven: Bool = false
  ) {
    self.segment = segment
    self.group = group
    self.other = other
    self.rate = rate
    self.limit = limit
    self.mustBeProven = mustBeProven
  }
}

/// A share of a group's rows. "Positive" is a probability of at least one half; of several classes and of a regression
/// there are no positives, of a regression no errors either.
public enum FairnessRate: String, Hashable, Sendable, CaseIterable {
  /// Of all rows: demographic parity.
  case positiveRate = "positive_rate"
  /// Of the rows that are positive: equal opportunity.
  case truePositiveRate = "true_positive_rate"
  /// Of the rows that are not.
  case falsePositiveRate = "false_positive_rate"
  /// Of all rows.
  case errorRate = "error_rate"
}

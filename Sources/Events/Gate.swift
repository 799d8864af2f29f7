/// What the gate decided about a challenger.
public enum GateOutcome: String, Hashable, Sendable, CaseIterable {
  /// Proven not to be worse, and better by the gain that is asked for.
  case promote
  /// Serves while a fresh test watches it: the champion is known to do harm and what was seen is far better, or it
  /// continues a line of models that was proven.
  case provisional
  case reject
  /// Goes on in shadow on new rows.
  case shadow
  /// What could be seen does not decide it: a person does.
  case person
}

/// A decision of the gate with all figures that it rests on; part of a record of `models`.
public struct GateRecord: Hashable, Sendable {
  public var outcome: GateOutcome
  /// One sentence.
  public var reason: String
  /// `log_loss` (nats), `error`, `absolute_error` (shares of the cap) or `ranking`: the unit of every loss below.
  public var measure: String
  /// Judged rows, those of the shadow among them.
  public var rows: Int
  public var shadowRows: Int
  /// Rows below which nothing is decided.
  public var minimumRows: Int
  /// Mean losses; `champion` is `nil` for a first version.
  public var challenger: Double
  public var champion: Double?
  /// Challenger's mean loss minus the champion's.
  public var difference: IntervalRecord?
  /// Evidence that the challenger is not worse by the tolerance, and that it is not better by the gain.
  public var promotion: EvidenceRecord?
  public var rejection: EvidenceRecord?
  /// By value of segment, in order of name and value.
  public var segments: [SegmentGateRecord]
  /// Rows of further segments beyond those that are followed.
  public var unfollowedRows: Int
  public var fairness: [FairnessRecord]
  public var calibration: CalibrationRecord?
  public var golden: GoldenRecord?
  /// How the champion does against the version before it, where it serves provisionally.
  public var canary: CanaryRecord?
  public var artifactBytes: Int?
  public var mostArtifactBytes: Int?

  public init(
    outcome: GateOutcome, reason: String, measure: String, rows: Int, shadowRows: Int = 0, minimumRows: Int,
    challenger: Double, champion: Double? = nil, difference: IntervalRecord? = nil, promotion: EvidenceRecord? = nil,
    rejection: EvidenceRecord? = nil, segments: [SegmentGateRecord] = [], unfollowedRows: Int = 0,
    fairness: [FairnessRecord] = [], calibration: CalibrationRecord? = nil, golden: GoldenRecord? = nil,
    canary: CanaryRecord? = nil, artifactBytes: Int? = nil, mostArtifactBytes: Int? = nil
  ) {
    self.outcome = outcome
    self.reason = reason
    self.measure = measure
    self.rows = rows
    self.shadowRows = shadowRows
    self.minimumRows = minimumRows
    self.challenger = challenger
    self.champion = champion
    self.difference = difference
    self.promotion = promotion
    self.rejection = rejection
    self.segments = segments
    self.unfollowedRows = unfollowedRows
    self.fairness = fairness
    self.calibration = calibration
    self.golden = golden
    self.canary = canary
    self.artifactBytes = artifactBytes
    self.mostArtifactBytes = mostArtifactBytes
  }

  /// How much less the challenger loses, as a share of the champion's mean loss; negative where it loses more.
  public var gain: Double? {
    guard let champion, champion > 0 else { return nil }
    return (champion - challenger) / champion
  }
}

/// A figure and the interval that holds the true one at every look with probability 1 − `alpha`.
public struct IntervalRecord: Hashable, Sendable {
  public var value: Double
  public var low: Double
  public var high: Double
  public var alpha: Double

  public init(value: Double, low: Double, high: Double, alpha: Double) {
    self.value = value
    self.low = low
    self.high = high
    self.alpha = alpha
  }
}

/// A test by betting on paired losses.
public struct EvidenceRecord: Hashable, Sendable {
  /// What the test is about, as a share of the champion's loss.
  public var tolerance: Double
  /// The judged row from which on the figures below are, where those before are left out: evidence may begin late.
  public var firstRow: Int?
  /// How much less the challenger loses on these rows, as a share of the champion's mean loss.
  public var gain: Double?
  /// Mean and standard deviation of the paired difference, in units of the loss.
  public var mean: Double
  public var deviation: Double
  /// How many rows carry the evidence of one, at least 1.
  public var dependence: Double
  /// Natural logarithms of the evidence and of what it must reach.
  public var logEvidence: Double
  public var logThreshold: Double
  /// About how many rows a proof takes in all; `nil` where no number of such rows suffices.
  public var rowsNeeded: Int?

  public init(
    tolerance: Double, firstRow: Int? = nil, gain: Double? = nil, mean: Double, deviation: Double, dependence: Double,
    logEvidence: Double, logThreshold: Double, rowsNeeded: Int? = nil
  ) {
    self.tolerance = tolerance
    self.firstRow = firstRow
    self.gain = gain
    self.mean = mean
    self.deviation = deviation
    self.dependence = dependence
    self.logEvidence = logEvidence
    self.logThreshold = logThreshold
    self.rowsNeeded = rowsNeeded
  }

  public var isProof: Bool { logEvidence >= logThreshold }
}

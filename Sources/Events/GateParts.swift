/// Whether one condition of the gate holds.
public enum GateVerdict: String, Hashable, Sendable, CaseIterable {
  /// Within its limit as far as anybody can tell; of protected segments and fairness: proven.
  case held
  /// Proven to be beyond its limit: blocks the challenger.
  case broken
  /// Neither is proven, or there are too few rows.
  case undetermined
}

/// One value of one segment.
public struct SegmentGateRecord: Hashable, Sendable {
  public var segment: Segment
  public var rows: Int
  /// Mean losses.
  public var champion: Double
  public var challenger: Double
  /// Whether the challenger must be proven not to be worse here, rather than not be proven worse.
  public var isProtected: Bool
  public var verdict: GateVerdict
  /// Whether it is proven worse even if it was picked out among all segments.
  public var alert: Bool
  /// That the challenger is worse by the tolerance; of protected segments, that it is not.
  public var evidence: EvidenceRecord

  public init(
    segment: Segment, rows: Int, champion: Double, challenger: Double, isProtected: Bool, verdict: GateVerdict,
    alert: Bool, evidence: EvidenceRecord
  ) {
    self.segment = segment
    self.rows = rows
    self.champion = champion
    self.challenger = challenger
    self.isProtected = isProtected
    self.verdict = verdict
    self.alert = alert
    self.evidence = evidence
  }
}

/// The gap of a rate between two named groups.
public struct FairnessRecord: Hashable, Sendable {
  /// Name of the segment whose values are the groups.
  public var segment: String
  public var group: String
  public var other: String
  /// `positive_rate`, `true_positive_rate`, `false_positive_rate` or `error_rate`.
  public var rate: String
  /// Rows that the rates are of.
  public var groupRows: Int
  public var otherRows: Int
  /// The challenger's rate in `group` minus that in `other`.
  public var gap: IntervalRecord
  /// The same of the champion.
  public var champion: IntervalRecord
  /// The largest magnitude of a gap that is allowed; `nil` where it is only reported.
  public var limit: Double?
  public var verdict: GateVerdict

  public init(
    segment: String, group: String, other: String, rate: String, groupRows: Int, otherRows: Int, gap: IntervalRecord,
    champion: IntervalRecord, limit: Double? = nil, verdict: GateVerdict
  ) {
    self.segment = segment
    self.group = group
    self.other = other
    self.rate = rate
    self.groupRows = groupRows
    self.otherRows = otherRows
    self.gap = gap
    self.champion = champion
    self.limit = limit
    self.verdict = verdict
  }
}

/// How far predicted probabilities are from the shares that come true: the expected calibration error over ten equal
/// bins of the probability (of the likeliest class where there are several).
public struct CalibrationRecord: Hashable, Sendable {
  public var challenger: IntervalRecord
  public var champion: IntervalRecord
  /// Mean probability minus mean outcome: positive where too much is promised.
  public var bias: Double
  public var limit: Double?
  public var verdict: GateVerdict

  public init(
    challenger: IntervalRecord, champion: IntervalRecord, bias: Double, limit: Double? = nil, verdict: GateVerdict
  ) {
    self.challenger = challenger
    self.champion = champion
    self.bias = bias
    self.limit = limit
    self.verdict = verdict
  }
}

/// The fixed rows on which nothing may be forgotten.
public struct GoldenRecord: Hashable, Sendable {
  public var rows: Int
  /// Mean losses.
  public var champion: Double
  public var challenger: Double
  /// How much worse the challenger's mean may be, as a share of the champion's.
  public var tolerance: Double
  public var verdict: GateVerdict

  public init(rows: Int, champion: Double, challenger: Double, tolerance: Double, verdict: GateVerdict) {
    self.rows = rows
    self.champion = champion
    self.challenger = challenger
    self.tolerance = tolerance
    self.verdict = verdict
  }
}

/// What a fresh test says of a version that serves, against the one that served before.
public enum CanaryVerdict: String, Hashable, Sendable, CaseIterable {
  /// Nothing is proven yet.
  case goOn = "go_on"
  /// Worse than the version before.
  case rollBack = "roll_back"
  /// What the gate asks for is proven.
  case confirm
  /// As many rows as a shadow may have did not decide it.
  case person
}

/// A version that serves provisionally against the last one that was proven, on rows since it took over.
public struct CanaryRecord: Hashable, Sendable {
  /// The version that serves again should this one be rolled back.
  public var fallback: Int
  public var rows: Int
  /// Mean losses.
  public var previous: Double
  public var current: Double
  /// Evidence that the version is worse, and that it is not worse by the gate's tolerance.
  public var rollback: EvidenceRecord
  public var confirmation: EvidenceRecord
  public var verdict: CanaryVerdict

  public init(
    fallback: Int, rows: Int, previous: Double, current: Double, rollback: EvidenceRecord, confirmation: EvidenceRecord,
    verdict: CanaryVerdict
  ) {
    self.fallback = fallback
    self.rows = rows
    self.previous = previous
    self.current = current
    self.rollback = rollback
    self.confirmation = confirmation
    self.verdict = verdict
  }
}

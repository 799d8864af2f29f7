public import Events

/// Decides whether a challenger takes the champion's place.
///
/// - *Rejected*: it cannot score, its artifact or its scoring time exceeds a limit, it has forgotten the golden set, it is
///   proven worse in a segment, proven unfair or badly calibrated beyond a limit, or proven not to be better by the gain.
/// - *Promoted*: proven not to be worse by the tolerance, better by the gain as it was seen, and protected segments and
///   gaps that must be proven are.
/// - *Provisional*: the champion is known to do harm, and what was seen is better by the provisional gain; or the challenger
///   continues a line of models that was proven, and was seen to be better by the gain. It serves under `CanaryTrial`, a
///   fresh test. Where the champion does harm, 81 % of those that are truly better pass so, and 7 % are worse later; a weaker
///   test instead would promote 9 to 10 % of the worse. A line is proven by the same test as a version: what is scored
///   before it is learned is the learner as it goes on, so a proof says that it does well to publish as it learns.
/// - Else the comparison goes on in *shadow* on new rows, up to a limit, and then waits for a *person*.
///
/// The decision may be looked at after every row; its promise is `PairedTest`'s. Of 1,000 challengers worse by exactly the
/// tolerance, looked at every 50 rows up to 10,000, these were promoted: independent rows 22, AR(1) series 4 to 8, heavy
/// tails 7, rare disasters none (10 were proven "not worse", and gained nothing). Of 1,000 better by 10 % on independent rows
/// whose deviation is 1.3 times the champion's loss 963 were promoted within 2,000 rows. It fails where a few regimes carry
/// all the harm: 311 where one block of 200 rows in five does, 863 where one in 25 does. Nor does it say anything of rows
/// to come that are unlike those it was shown.
public struct PromotionGate: Hashable, Sendable {
  public let configuration: GateConfiguration

  public init(_ configuration: GateConfiguration) { self.configuration = configuration }

  /// What is known of a challenger beside the comparison.
  public struct Candidate: Hashable, Sendable {
    public var artifactBytes: Int?
    /// Of one row, by the machine's clock; it is held against the limit and stands in no record of a decision that
    /// keeps it.
    public var scoringNanoseconds: Double?
    public var golden: GoldenComparison?
    /// Whether the champion's loss is proven to have risen.
    public var championIsHarmful: Bool
    /// Whether the models that the challenger continues, published as they learned, were proven better than one that
    /// stood still: see `Contest`.
    public var lineIsProven: Bool

    public init(
      artifactBytes: Int? = nil, scoringNanoseconds: Double? = nil, golden: GoldenComparison? = nil,
      championIsHarmful: Bool = false, lineIsProven: Bool = false
    ) {
      self.artifactBytes = artifactBytes
      self.scoringNanoseconds = scoringNanoseconds
      self.golden = golden
      self.championIsHarmful = championIsHarmful
      self.lineIsProven = lineIsProven
    }
  }

  public func judge(_ trial: ChallengerTrial, _ candidate: Candidate = Candidate()) -> GateRecord {
    var record = figures(trial, candidate)
    (record.outcome, record.reason) =
      objection(record, trial, candidate).map { (.reject, $0) } ?? decision(record, trial, candidate)
    return record
  }

  /// A first version has no champion: it is promoted where its mean loss is a number and its artifact is within limits.
  ///
  /// - Parameters:
  ///   - loss: mean on validation rows it has not learned.
  public func judgeFirst(
    loss: Double, rows: Int, measure: GateMeasure, _ candidate: Candidate = Candidate()
  ) -> GateRecord {
    var record = GateRecord(
      outcome: .promote, reason: "first version: loss \(short(loss)) on \(rows) rows", measure: measure.rawValue,
      rows: rows, minimumRows: 0, challenger: loss, artifactBytes: candidate.artifactBytes,
      mostArtifactBytes: configuration.mostArtifactBytes)
    let fault = loss.isFinite ? tooLarge(candidate) : "the challenger's validation loss is not a finite number"
    if let fault { (record.outcome, record.reason) = (.reject, fault) }
    return record
  }
}

extension PromotionGate {
  private func figures(_ trial: ChallengerTrial, _ candidate: Candidate) -> GateRecord {
    let alpha = configuration.alpha
    let prior = trial.promotion.priorDependence
    let segments = trial.segments.sorted { $0.key < $1.key }.map {
      $0.value.record($0.key, configuration, among: trial.segments.count)
    }
    return GateRecord(
      outcome: .person, reason: "", measure: trial.measure.rawValue, rows: trial.rows, shadowRows: trial.shadowRows,
      minimumRows: trial.minimumRows, challenger: trial.challengerLoss,
      champion: trial.rows > 0 ? trial.championLoss : nil, difference: difference(trial),
      promotion: trial.promotion.record(tolerance: configuration.tolerance, alpha: alpha),
      rejection: trial.rejection.record(tolerance: -configuration.gain, alpha: alpha), segments: segments,
      unfollowedRows: trial.unfollowedRows,
      fairness: trial.fairness.map { $0.record(alpha: alpha, priorDependence: prior) },
      calibration: calibration(trial), golden: candidate.golden?.record(tolerance: configuration.goldenTolerance),
      artifactBytes: candidate.artifactBytes, mostArtifactBytes: configuration.mostArtifactBytes)
  }

  private func difference(_ trial: ChallengerTrial) -> IntervalRecord {
    let dependence = max(trial.promotion.dependence, trial.rejection.dependence)
    let half = AnytimeInterval.halfWidth(
      rows: Double(trial.rows), variance: trial.difference.variance, alpha: configuration.alpha, dependence: dependence)
    let mean = trial.difference.mean
    return IntervalRecord(value: mean, low: mean - half, high: mean + half, alpha: configuration.alpha)
  }

  private func calibration(_ trial: ChallengerTrial) -> CalibrationRecord? {
    guard trial.calibration.count == 2, trial.calibration[1].rows > 0 else { return nil }
    let intervals = trial.calibration.map {
      $0.interval(alpha: configuration.alpha, priorDependence: trial.promotion.priorDependence)
    }
    let verdict: GateVerdict =
      if let limit = configuration.calibrationLimit {
        intervals[1].low > limit ? .broken : intervals[1].high <= limit ? .held : .undetermined
      } else { .held }
    return CalibrationRecord(
      challenger: intervals[1], champion: intervals[0], bias: trial.calibration[1].bias,
      limit: configuration.calibrationLimit, verdict: verdict)
  }

  private func tooLarge(_ candidate: Candidate) -> String? {
    if let most = configuration.mostArtifactBytes, let bytes = candidate.artifactBytes, bytes > most {
      return "the artifact has \(bytes) bytes, at most \(most) are allowed"
    }
    if let most = configuration.mostScoringNanoseconds, let taken = candidate.scoringNanoseconds, !(taken <= most) {
      return "scoring a row takes \(short(taken)) ns, at most \(short(most)) are allowed"
    }
    return nil
  }

  /// Why the challenger is refused, whatever it gains; nil where nothing is proven against it.
  private func objection(_ record: GateRecord, _ trial: ChallengerTrial, _ candidate: Candidate) -> String? {
    if trial.unscoredByChallenger > 0 {
      return "the challenger gave no score of the task for \(trial.unscoredByChallenger) rows"
    }
    if let fault = tooLarge(candidate) { return fault }
    if let golden = record.golden, golden.verdict == .broken {
      return "forgets the golden set: loss \(short(golden.challenger)) against \(short(golden.champion)) on "
        + "\(golden.rows) rows, more than \(share(golden.tolerance)) worse"
    }
    if let worst = record.segments.first(where: { $0.verdict == .broken }) {
      return "worse where \(name(worst.segment)): loss \(short(worst.challenger)) against \(short(worst.champion)) on "
        + "\(worst.rows) rows, proven to be more than \(share(configuration.segmentTolerance)) worse"
    }
    if let gap = record.fairness.first(where: { $0.verdict == .broken }) {
      return "\(gap.rate) of \(gap.segment) \(quoted(gap.group)) less that of \(quoted(gap.other)) lies between "
        + "\(short(gap.gap.low)) and \(short(gap.gap.high)), beyond ±\(short(gap.limit ?? 0))"
    }
    if let calibration = record.calibration, calibration.verdict == .broken {
      return "calibration error of at least \(short(calibration.challenger.low)), at most "
        + "\(short(calibration.limit ?? 0)) is allowed"
    }
    return nil
  }

  private func decision(
    _ record: GateRecord, _ trial: ChallengerTrial, _ candidate: Candidate
  ) -> (GateOutcome, String) {
    guard let gain = record.gain, let promotion = record.promotion, let rejection = record.rejection else {
      return waiting(
        trial, trial.rows == 0 ? "no row was judged" : "the champion loses nothing: no share of that can be gained")
    }
    let figures =
      "loss \(short(record.challenger)) against \(short(record.champion ?? 0)) on \(record.rows) rows, "
      + "\(share(gain.magnitude)) \(gain < 0 ? "more" : "less")"
    guard record.rows >= record.minimumRows else {
      return waiting(trial, "\(figures): at least \(record.minimumRows) rows are wanted")
    }
    if rejection.isProof {
      return (.reject, "\(figures): proven not to be better by \(share(configuration.gain))")
    }
    // As it was seen on the rows that say most.
    let seen = promotion.gain ?? gain
    let late = promotion.firstRow.map { "; \(share(promotion.gain ?? 0)) less since row \($0)" } ?? ""
    if promotion.isProof, seen >= configuration.gain {
      guard let open = unproven(record) else {
        return (.promote, "\(figures)\(late): proven not to be worse by \(share(configuration.tolerance))")
      }
      return waiting(trial, "\(figures): \(open)")
    }
    guard let least = configuration.provisionalGain, unproven(record) == nil else {
      return waiting(trial, "\(figures): \(outlook(record, gain, promotion, rejection))")
    }
    if candidate.championIsHarmful, gain > least {
      return (.provisional, "\(figures): not proven yet, but the champion does harm")
    }
    if candidate.lineIsProven, gain >= configuration.gain {
      return (.provisional, "\(figures): not proven yet, but it continues a line that is")
    }
    return waiting(trial, "\(figures): \(outlook(record, gain, promotion, rejection))")
  }

  /// What has yet to be proven beside the mean loss.
  private func unproven(_ record: GateRecord) -> String? {
    if let open = record.segments.first(where: { $0.isProtected && $0.verdict != .held }) {
      let more = open.evidence.rowsNeeded.map { ", about \(max($0, configuration.protectedRows)) are needed" } ?? ""
      return "not proven not to be worse where \(name(open.segment)), which is protected: \(open.rows) rows\(more)"
    }
    for (rule, gap) in zip(configuration.fairness, record.fairness) where rule.mustBeProven && gap.verdict != .held {
      return "\(gap.rate) of \(gap.segment) \(quoted(gap.group)) and \(quoted(gap.other)) not proven to be within "
        + "±\(short(gap.limit ?? 0)) of each other"
    }
    return nil
  }

  /// How many more rows a decision would need.
  private func outlook(
    _ record: GateRecord, _ gain: Double, _ promotion: EvidenceRecord, _ rejection: EvidenceRecord
  ) -> String {
    let evidence = gain >= configuration.gain ? promotion : rejection
    guard let needed = evidence.rowsNeeded else { return "undecided, and more rows like these would not decide it" }
    let counted = record.rows - (evidence.firstRow ?? 0)
    return "undecided, about \(max(needed - counted, 1)) more rows like these are needed"
  }

  private func waiting(_ trial: ChallengerTrial, _ why: String) -> (GateOutcome, String) {
    trial.shadowRows < configuration.shadowRows
      ? (.shadow, why) : (.person, "\(why); \(trial.shadowRows) rows of shadow do not decide it")
  }

  private func name(_ segment: Segment) -> String { "\(segment.name) is \(quoted(segment.value))" }

  private func quoted(_ text: String) -> String { String(text.prefix(80)).debugDescription }

  private func share(_ value: Double) -> String { "\(short(100 * value)) %" }
}

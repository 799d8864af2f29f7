public import Events
public import Models

/// Champion against challenger over all runs since the champion took over: what the gate knows, carried from run to run.
///
/// A challenger learns every labelled row once, in blocks, and each block is scored by it and by the champion before it
/// is learned (test then train: Dawid, "Prequential analysis", 1984; Blum, Kalai and Langford, "Beating the hold-out",
/// 1999). So every row counts as evidence and none is lost to learning. What is judged is the learner: the version that
/// is published has learned the last block too.
///
/// So a proof against a champion that stood still is one for the line of models that the learner leaves behind, and while the
/// line is proven its next versions serve provisionally without waiting for a proof of their own. They are watched against
/// the last version that served before the first of them (`CanaryTrial`): where that is proven better it serves again,
/// and the line has to prove itself anew.
///
/// The comparison begins anew whenever another version serves, and where the challenger was proven not to be better; it
/// goes on otherwise, however many runs that takes.
///
/// A value: it lives in a run, travels to the next one as bytes (`encoded`), and is 30 KB at most without segments.
public struct Contest: Hashable, Sendable {
  /// Absolute errors of the champion that the cap of a regression is made of.
  private static let errorRows = 1_000

  public let configuration: GateConfiguration
  public let task: Task
  private let lossFunction: LossFunction
  public internal(set) var trial: ChallengerTrial
  /// Of a champion that serves provisionally.
  public internal(set) var canary: CanaryTrial?
  /// Of whoever is champion.
  var history = LossHistory()
  var errors: [Double] = []
  /// What the champion lost on the rows by which it was judged last before it took over; of a regression in units of the
  /// label, as all three.
  var yardstick = RunningMean()
  /// What the champion has lost since the comparison began, and the challenger in this run.
  var champion = RunningMean()
  var challenger = RunningMean()
  /// Whether the line of models that the challenger belongs to was proven better than a version that stood still.
  var isProven = false

  public init(_ configuration: GateConfiguration, task: Task) {
    self.configuration = configuration
    self.task = task
    lossFunction = LossFunction(.standard(for: task), task: task)
    trial = ChallengerTrial(configuration, task: task)
  }

  /// Has the champion compared with the version before it from here on, if it is not already.
  public mutating func watch() {
    guard canary == nil else { return }
    canary = CanaryTrial(configuration, task: task, cap: trial.cap, knownDependence: history.dependence)
  }

  /// Says that the rows to come are those of another run.
  public mutating func beginRun() {
    challenger = RunningMean()
    if trial.rows > 0 { trial.beginShadow() }
  }

  /// Takes a row in of a first version, which has nobody to be compared with.
  ///
  /// - Parameter isValidation: whether it is judged by the row. The first rows tell how it is to have learned nothing.
  public mutating func add(first output: Output, target: Target, isValidation: Bool) {
    guard let loss = loss(output, target) else { return }
    if isValidation { challenger.add(loss) }
    remember(loss, output, target)
  }

  /// Takes a row in, in request order, scored before it was learned.
  ///
  /// - Parameter fallback: what the version says that the champion is compared with while it serves provisionally.
  public mutating func add(
    champion output: Output, challenger other: Output, fallback: Output? = nil, target: Target,
    segments: [Segment] = []
  ) {
    trial.add(champion: output, challenger: other, target: target, segments: segments)
    if let fallback { canary?.add(previous: fallback, current: output, target: target) }
    if let loss = loss(other, target) { challenger.add(loss) }
    if let loss = loss(output, target) {
      champion.add(loss)
      remember(loss, output, target)
    }
  }

  private mutating func remember(_ loss: Double, _ output: Output, _ target: Target) {
    guard case .regression = task else { return history.add(loss) }
    if knowsCap { history.add(loss / trial.cap) }
    guard let error = lossFunction(output, target) else { return }
    errors.append(error)
    if errors.count >= 2 * Self.errorRows { errors.removeFirst(errors.count - Self.errorRows) }
  }

  /// Before the first version is judged nobody knows what is large.
  private var knowsCap: Bool { yardstick.count > 0 || trial.rows > 0 }

  /// The task's own loss, whatever the gate measures: harm is told by it.
  private func loss(_ output: Output, _ target: Target) -> Double? {
    guard let loss = lossFunction(output, target) else { return nil }
    return task == .regression && knowsCap ? min(loss, trial.cap) : loss
  }

  /// Whether the champion loses more than when it was validated: by the provisional gain at least, and by more than
  /// chance alone does in nine cases of ten.
  public var championIsHarmful: Bool {
    guard let least = configuration.provisionalGain, yardstick.count >= configuration.minimumRowsKnown,
      champion.count >= configuration.minimumRowsKnown
    else { return false }
    let rise = champion.mean - yardstick.mean
    let variance =
      champion.variance / Double(champion.count) + yardstick.variance / Double(yardstick.count)
    let error = (variance * (trial.knownDependence ?? 1)).squareRoot()
    return rise > least * yardstick.mean && rise > 1.2816 * error
  }
}

extension Contest {
  /// What the gate says now. A comparison of which no row is left to judge, such as a first version's, goes by the
  /// challenger's own loss.
  ///
  /// - Parameters:
  ///   - isFirst: whether there is no champion.
  ///   - fallback: the version behind `canary`.
  public func judge(
    _ candidate: PromotionGate.Candidate, isFirst: Bool = false, fallback: Int? = nil
  ) -> GateRecord {
    let gate = PromotionGate(configuration)
    guard !isFirst else {
      return gate.judgeFirst(
        loss: challenger.count > 0 ? challenger.mean : .nan, rows: challenger.count, measure: .standard(for: task),
        candidate)
    }
    var candidate = candidate
    candidate.championIsHarmful = candidate.championIsHarmful || championIsHarmful
    candidate.lineIsProven = candidate.lineIsProven || isProven
    var record = gate.judge(trial, candidate)
    guard let canary, let fallback else { return record }
    let verdict = canary.record(fallback: fallback)
    record.canary = verdict
    if verdict.verdict == .person {
      record.reason +=
        "; \(verdict.rows) rows did not decide between the champion and version \(fallback): it stays, and is watched no "
        + "further"
    }
    if verdict.verdict == .rollBack, record.outcome != .reject {
      record.outcome = .shadow
      record.reason =
        "the champion lost \(short(verdict.current)) against \(short(verdict.previous)) of version \(fallback) on "
        + "\(verdict.rows) rows and is rolled back; the challenger is compared with version \(fallback) from here on"
    }
    return record
  }

  /// Draws the consequences of what `judge` said.
  public mutating func settle(_ record: GateRecord) {
    if let verdict = record.canary?.verdict, verdict != .goOn { canary = nil }
    if record.canary?.verdict == .confirm { isProven = true }
    if record.canary?.verdict == .rollBack {
      yardstick = RunningMean()
      isProven = false
      return beginAnew()
    }
    switch record.outcome {
    case .promote, .provisional:
      let judged = challenger.count
      yardstick = challenger
      beginAnew()
      if record.champion == nil, task == .regression { beginErrors(judged) }
      if record.outcome == .promote, record.champion != nil { isProven = true }
      if record.outcome == .provisional { watch() }
    case .reject:
      isProven = false
      beginAnew()
    case .shadow, .person: break
    }
  }

  private mutating func beginAnew() {
    trial = ChallengerTrial(
      configuration, task: task, cap: GateMeasure.cap(of: errors.suffix(Self.errorRows)),
      knownDependence: history.dependence)
    champion = RunningMean()
  }

  /// Has what is told by errors begin with those of the first version, now that it is known where to cut them off.
  private mutating func beginErrors(_ judged: Int) {
    yardstick = RunningMean()
    for error in errors.suffix(judged) { yardstick.add(min(error, trial.cap)) }
    history = LossHistory()
    for error in errors { history.add(min(error / trial.cap, 1)) }
  }
}

extension GateRecord {
  /// Whether the challenger goes on learning: it serves, is judged still, or was only proven not to be better by enough.
  /// One that is worse by the tolerance, or that offends in another way, is thrown away with what it has learned since the
  /// champion: the next one begins as the champion's copy, with the rows to come.
  public var keepsChallenger: Bool {
    guard outcome == .reject else { return true }
    let offends =
      golden?.verdict == .broken || calibration?.verdict == .broken || segments.contains { $0.verdict == .broken }
      || fairness.contains { $0.verdict == .broken }
    return !offends && rejection?.isProof == true && (gain ?? -1) >= -(promotion?.tolerance ?? 0)
  }
}

/// Decides when a model is trained: one state machine per model, fed once per tick of event time.
///
/// Promises, for every sequence of observations:
/// - At most one decision a tick, of the strongest rule that holds: performance, drift, freshness, schedule, volume.
/// - An alarm (performance or drift) latches. Until a version newer than the one it was raised against is in service,
///   no alarm is raised again but after `cooldown`, and then for the same cause with the next attempt.
/// - Once that version is in service, only evidence that rests on rows from after the switch raises an alarm.
/// - Rule drift rests on a detector's alarm against the version in service and, unless `driftRequires` says otherwise, on
///   a report that calls the change large; a large report without an alarm is no evidence, an alarm without one is
///   shown and not acted on.
/// - Drift raises no alarm within `driftSpacing` of the last one of either kind.
/// - Every decision starts the counts of volume, schedule and freshness anew.
public struct TriggerPolicy: Hashable, Sendable {
  public let configuration: TriggerConfiguration
  var latch: Latch?
  /// Start of the rows that alarms may rest on; nil before the first latch opens.
  public internal(set) var evidenceFrom: Int64?
  /// Time and labels of the last trigger; before there is one, the first tick and none.
  var lastTime: Int64?
  var lastAlarm: Int64?
  var lastLabels = 0
  var hasTriggered = false

  /// An alarm that waits for its new version.
  struct Latch: Hashable, Sendable {
    let cause: String
    let version: Int
    var time: Int64
    var attempt: Int
  }

  public init(configuration: TriggerConfiguration) {
    self.configuration = configuration
  }

  /// One tick. Constant time.
  public mutating func observe(_ observation: Observation) -> TriggerDecision? {
    if lastTime == nil { lastTime = observation.time }
    release(observation)
    for rule in TriggerRule.byPriority {
      guard let evidence = evidence(for: rule, observation) else { continue }
      if rule.isAlarm, let latch, !cooledDown(latch, observation.time) { continue }
      return decide(rule, evidence, observation)
    }
    return nil
  }

  /// Whether the decision at this tick may rest on a report of the window, or show one. For who makes reports for decisions
  /// alone.
  ///
  /// - Parameter observation: without the report.
  public func readsReport(_ observation: Observation) -> Bool {
    if let latch, observation.version <= latch.version, !cooledDown(latch, observation.time) { return false }
    if configuration.onPerformance, observation.performance.contains(where: \.fires) { return true }
    return configuration.onDrift && observation.alarm != nil && isSpaced(observation.time)
  }

  /// Opens the latch when a newer version than the alarm's is in service.
  private mutating func release(_ observation: Observation) {
    guard let latch, observation.version > latch.version else { return }
    evidenceFrom = observation.publishedAt
    self.latch = nil
  }

  /// Whether an alarm that led to a trigger has had its cooldown without a newer version in service: then evidence must
  /// be found anew for the next attempt.
  public func rearms(_ alarm: DriftAlarm, at time: Int64) -> Bool {
    latch.map { alarm.time <= $0.time && cooledDown($0, time) } ?? false
  }

  private func cooledDown(_ latch: Latch, _ time: Int64) -> Bool {
    Int64.subtractingClamped(time, latch.time) >= configuration.cooldown
  }

  private mutating func decide(
    _ rule: TriggerRule, _ evidence: TriggerEvidence, _ observation: Observation
  ) -> TriggerDecision {
    lastTime = observation.time
    lastLabels = observation.labels
    hasTriggered = true
    var cause = "\(rule.rawValue)-\(observation.version)-\(observation.time)"
    var attempt = 1
    if rule.isAlarm {
      lastAlarm = observation.time
      if let latch {
        cause = latch.cause
        attempt = latch.attempt + 1
      }
      latch = Latch(
        cause: cause, version: latch?.version ?? observation.version, time: observation.time,
        attempt: attempt)
    }
    return TriggerDecision(
      rule: rule, cause: cause, attempt: attempt, version: observation.version,
      time: observation.time, evidence: evidence, harm: rule == .performance ? .harmful : observation.harm)
  }
}

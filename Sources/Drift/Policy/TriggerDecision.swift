/// Why a model is to be trained, strongest first.
public enum TriggerRule: String, Hashable, Sendable, CaseIterable {
  case performance
  case drift
  case freshness
  case schedule
  case volume

  /// Strongest first.
  static let byPriority = allCases.sorted { $0.priority > $1.priority }

  /// 5 for the strongest, 1 for the weakest.
  public var priority: Int {
    switch self {
    case .performance: 5
    case .drift: 4
    case .freshness: 3
    case .schedule: 2
    case .volume: 1
    }
  }

  /// Performance and drift are symptoms of a change and share one latch; the others merely count.
  public var isAlarm: Bool { self == .performance || self == .drift }
}

/// What a decision rests on.
public enum TriggerEvidence: Hashable, Sendable {
  case performance(PerformanceEvidence)
  /// The alarm, and the strongest finding of the report that calls the change large; nil where no size was asked for
  /// and none is known.
  case drift(DriftAlarm, DriftFinding?)
  /// Age of the version in service, milliseconds.
  case freshness(age: Int64)
  /// Time since the last trigger, milliseconds.
  case schedule(elapsed: Int64)
  /// New labels since the last trigger.
  case volume(labels: Int)
}

/// A decision to train.
public struct TriggerDecision: Hashable, Sendable {
  public let rule: TriggerRule
  /// Names what happened, the same for every attempt: `rule-version-time`, of the first.
  public let cause: String
  /// 1 for the first trigger of a cause.
  public let attempt: Int
  /// The version in service at the decision.
  public let version: Int
  /// Event time of the decision, milliseconds.
  public let time: Int64
  public let evidence: TriggerEvidence
  /// Whether what changed costs anything. Of rule performance always `harmful`: that is its evidence.
  public let harm: HarmVerdict

  public init(
    rule: TriggerRule, cause: String, attempt: Int, version: Int, time: Int64, evidence: TriggerEvidence,
    harm: HarmVerdict
  ) {
    self.rule = rule
    self.cause = cause
    self.attempt = attempt
    self.version = version
    self.time = time
    self.evidence = evidence
    self.harm = harm
  }

  public var priority: Int { rule.priority }
}

/// What is known of a model at one tick of event time.
public struct Observation: Hashable, Sendable {
  /// Event time, milliseconds. Ticks come in order.
  public let time: Int64
  /// The version in service, and the event time at which it was published, milliseconds.
  public let version: Int
  public let publishedAt: Int64
  /// The newest report of the version in service, if there is one.
  public var drift: DriftReport?
  /// The detector's alarm, while it is in force.
  public let alarm: DriftAlarm?
  /// The newest evidence of each measure and basis.
  public let performance: [PerformanceEvidence]
  /// Whether the change that is alarming costs anything.
  public let harm: HarmVerdict
  /// Labels judged since the model began; never decreases.
  public let labels: Int

  public init(
    time: Int64, version: Int, publishedAt: Int64, drift: DriftReport? = nil, alarm: DriftAlarm? = nil,
    performance: [PerformanceEvidence] = [], harm: HarmVerdict = .notYetKnown, labels: Int
  ) {
    self.time = time
    self.version = version
    self.publishedAt = publishedAt
    self.drift = drift
    self.alarm = alarm
    self.performance = performance
    self.harm = harm
    self.labels = labels
  }
}

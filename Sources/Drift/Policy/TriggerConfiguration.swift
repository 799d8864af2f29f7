/// What rule drift needs besides a detector's alarm.
public enum DriftRequirement: String, Hashable, Sendable, CaseIterable {
  /// A report of the version in service that calls the change large. An alarm alone is a warning.
  case size
  /// Nothing: evidence of any change is reason enough.
  case evidence
}

/// Which rules may ask for training. Durations are event time in milliseconds; nil switches a rule off.
public struct TriggerConfiguration: Hashable, Sendable {
  public var onDrift: Bool
  public var driftRequires: DriftRequirement
  public var onPerformance: Bool
  /// New labels since the last trigger.
  public var volume: Int?
  /// Time since the last trigger.
  public var schedule: Int64?
  /// Age of the version in service.
  public var freshness: Int64?
  /// Time after which an alarm that led to no new version is raised again, as the next attempt for the same cause.
  public var cooldown: Int64
  /// Time after an alarm in which drift raises no further one, not even against a new version: a change often passes
  /// through columns and references in several steps. Performance is not held back.
  public var driftSpacing: Int64

  public init(
    onDrift: Bool = true, driftRequires: DriftRequirement = .size, onPerformance: Bool = true, volume: Int? = 1_000,
    schedule: Int64? = nil, freshness: Int64? = nil, cooldown: Int64 = 3_600_000, driftSpacing: Int64 = 1_800_000
  ) {
    self.onDrift = onDrift
    self.driftRequires = driftRequires
    self.onPerformance = onPerformance
    self.volume = volume
    self.schedule = schedule
    self.freshness = freshness
    self.cooldown = cooldown
    self.driftSpacing = driftSpacing
  }
}

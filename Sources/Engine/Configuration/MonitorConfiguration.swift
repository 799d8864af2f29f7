public import Drift
public import Events

/// What Monitor looks at and when it asks for training.
public struct MonitorConfiguration: Hashable, Sendable {
  /// Event time that a drift window spans.
  public var window: Milliseconds
  public var drift: DriftConfiguration
  public var detector: DetectorConfiguration
  /// After this much event time a season may repeat, such as a day; columns that it explains are watched by their rank
  /// within it. Nil for none.
  public var season: Milliseconds?
  /// Whether the dependence between columns is watched too.
  public var joint: Bool
  public var performance: PerformanceConfiguration
  public var triggers: TriggerConfiguration

  public init(
    window: Milliseconds = 600_000, drift: DriftConfiguration = DriftConfiguration(),
    detector: DetectorConfiguration = DetectorConfiguration(), season: Milliseconds? = 86_400_000,
    joint: Bool = false,
    performance: PerformanceConfiguration? = nil,
    triggers: TriggerConfiguration = TriggerConfiguration()
  ) {
    self.window = max(window, 1)
    self.drift = drift
    self.detector = detector
    self.season = season
    self.joint = joint
    self.performance = performance ?? PerformanceConfiguration(windowLength: self.window)
    self.triggers = triggers
  }
}

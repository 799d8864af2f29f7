public import Drift
public import Events

/// What Monitor looks at and when it asks for training.
public struct MonitorConfiguration: Hashable, Sendable {
  /// Event time that a drift window spans.
  public var window: Milliseconds
  public var drift: DriftConfiguration
  public var performance: PerformanceConfiguration
  public var triggers: TriggerConfiguration

  public init(
    window: Milliseconds = 600_000, drift: DriftConfiguration = DriftConfiguration(),
    performance: PerformanceConfiguration? = nil,
    triggers: TriggerConfiguration = TriggerConfiguration()
  ) {
    self.window = max(window, 1)
    self.drift = drift
    self.performance = performance ?? PerformanceConfiguration(windowLength: self.window)
    self.triggers = triggers
  }
}

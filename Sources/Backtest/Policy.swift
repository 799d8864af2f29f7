import Drift
public import Engine
public import Events

/// What is tried on a recording: a configuration under a name.
public struct Policy: Sendable {
  /// What asks for training beside the configuration's own rules.
  public enum Extra: Hashable, Sendable {
    case nothing
    /// Someone who knows at which rows the world changes: asks for training once enough rows since then are labelled, and
    /// again with every doubling of them.
    case oracle(changes: [Int])
  }

  public var name: String
  public var configuration: EngineConfiguration
  public var extra: Extra

  public init(name: String, configuration: EngineConfiguration, extra: Extra = .nothing) {
    self.name = name
    self.configuration = configuration
    self.extra = extra
  }

  /// Whether anything at all may ask for training after the first version.
  var retrains: Bool {
    extra != .nothing
      || configuration.models.contains { model in
        let triggers = model.monitor.triggers
        return triggers.onDrift || triggers.onPerformance || triggers.volume != nil || triggers.schedule != nil
          || triggers.freshness != nil
      }
  }
}

/// Policies to measure others by. Each differs from the policy that it is made of in what asks for training, and in nothing
/// else: the same learner, the same gate.
extension Policy {
  /// The first version serves for good.
  public var never: Policy {
    changed("never") { $0.monitor.triggers.silence() }
  }

  /// Trains with every so many new labels. At least 1.
  public func every(labels: Int) -> Policy {
    changed("every \(labels) rows") { model in
      model.monitor.triggers.silence()
      model.monitor.triggers.volume = max(labels, 1)
    }
  }

  /// Trains after every so many milliseconds of event time. At least 1.
  public func every(milliseconds: Milliseconds, called name: String) -> Policy {
    changed(name) { model in
      model.monitor.triggers.silence()
      model.monitor.triggers.schedule = max(milliseconds, 1)
    }
  }

  /// Trains whenever a pane has brought labels.
  public var always: Policy {
    changed("always") { model in
      model.monitor.triggers.silence()
      model.monitor.triggers.volume = 1
      model.training.minimumRows = 2
    }
  }

  /// Knows the rows at which the world changes.
  public func oracle(changes: [Int]) -> Policy {
    var policy = never
    (policy.name, policy.extra) = ("oracle", .oracle(changes: changes.sorted()))
    return policy
  }

  private func changed(_ name: String, _ change: (inout ModelConfiguration) -> Void) -> Policy {
    var policy = self
    (policy.name, policy.extra) = (name, .nothing)
    for index in policy.configuration.models.indices { change(&policy.configuration.models[index]) }
    return policy
  }
}

extension TriggerConfiguration {
  fileprivate mutating func silence() {
    self = TriggerConfiguration(
      onDrift: false, onPerformance: false, volume: nil, cooldown: 0, driftSpacing: driftSpacing)
  }
}

import Drift
import Events
import Models

/// One choice of thresholds and windows, in proportion to those of the policy that it is made of.
struct TuneCandidate: Hashable, Encodable {
  private(set) var window = 1.0
  private(set) var cooldown = 1.0
  /// Of the new labels after which training is asked for in any case; nil for no such rule.
  private(set) var volume: Double? = 1
  /// Of the rows to a false alarm of the detector.
  private(set) var runLength = 1.0
  /// Of the size from which a change counts.
  private(set) var size = 1.0
  /// Of the rise of the loss that is tolerated.
  private(set) var loss = 1.0

  /// So many different ones; the policy itself is the first. Fewer where there are no more.
  static func drawn(_ count: Int, seed: UInt64) -> [TuneCandidate] {
    var generator = SeededGenerator(seed: seed, for: "tune")
    var candidates = [TuneCandidate()]
    var attempts = 0
    while candidates.count < count, attempts < 100 * count {
      attempts += 1
      let candidate = TuneCandidate(from: &generator)
      if !candidates.contains(candidate) { candidates.append(candidate) }
    }
    return candidates
  }

  private init() {}

  private init(from generator: inout SeededGenerator) {
    window = generator.one(of: [0.5, 1, 2, 4])
    cooldown = generator.one(of: [0.5, 1, 2])
    volume = generator.one(of: [nil, 0.25, 0.5, 1, 2, 4])
    runLength = generator.one(of: [0.1, 1, 10])
    size = generator.one(of: [0.5, 1, 2])
    loss = generator.one(of: [0.5, 1, 2])
  }

  /// The policy with these settings in place of its own.
  func applied(to file: LeewayConfiguration) -> LeewayConfiguration {
    var file = file
    for index in file.models.indices {
      file.models[index].monitor = changed(file.models[index].monitor, file.time.pane)
    }
    return file
  }

  private func changed(_ base: MonitorSection, _ pane: Milliseconds) -> MonitorSection {
    var monitor = base
    monitor.window = max(Self.scaled(base.window, window) / pane, 1) * pane
    monitor.cooldown = Self.scaled(base.cooldown, cooldown)
    monitor.volumeLabels = volume.flatMap { volume in
      base.volumeLabels.map { max(Int((Double($0) * volume).rounded()), 1) }
    }
    if var drift = base.drift {
      drift.runLength = max(drift.runLength * runLength, 100)
      for statistic in Statistic.allCases {
        drift.thresholds[statistic] = drift.thresholds[statistic].map { $0 * size }
      }
      monitor.drift = drift
    }
    if var performance = base.performance {
      performance.relative *= loss
      monitor.performance = performance
    }
    return monitor
  }

  private static func scaled(_ time: Milliseconds, _ factor: Double) -> Milliseconds {
    Milliseconds((Double(time) * factor).rounded())
  }
}

extension SeededGenerator {
  fileprivate mutating func one<Value>(of values: [Value]) -> Value { values[below(values.count)] }
}

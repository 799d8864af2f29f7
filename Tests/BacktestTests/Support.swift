import Backtest
import Drift
import Engine
import EventLog
import Events
import Log
import Models
import TestSupport

/// A stream whose label follows a feature until the concept changes.
enum Stream {
  static let model = "churn"

  /// One row a second; labels come `delay` rows later.
  static func events(rows: Int, change: Int = .max, delay: Int = 20, seed: UInt64 = 1) -> [TimedEvent] {
    var random = SplitMix64(seed: seed)
    var events: [TimedEvent] = []
    for row in 0..<rows {
      let (x, z) = (random.uniform() * 2 - 1, random.uniform() * 2 - 1)
      let time = Milliseconds(row) * 1_000
      let isOne = (x > 0) == (row < change)
      events.append(
        TimedEvent(
          time: time,
          event: .prediction(
            Prediction(
              id: "r\(row)", model: model, time: time,
              features: [Feature(name: "x", value: .number(x)), Feature(name: "z", value: .number(z))]))))
      let known = time + Milliseconds(delay) * 1_000
      events.append(
        TimedEvent(
          time: known,
          event: .label(Label(prediction: "r\(row)", model: model, time: known, value: .number(isOne ? 1 : 0)))))
    }
    return events
  }

  static func configuration(_ change: (inout ModelConfiguration) -> Void = { _ in }) -> EngineConfiguration {
    var monitor = MonitorConfiguration(window: 200_000)
    monitor.triggers.volume = 200
    monitor.triggers.cooldown = 200_000
    var model = ModelConfiguration(
      name: Self.model, task: .binary, monitor: monitor, training: TrainingConfiguration(minimumRows: 20))
    change(&model)
    let intake = IntakeConfiguration(
      pane: 20_000, sketch: nil, lateness: 0, labelHorizon: 100_000, futureSlack: 0)
    return EngineConfiguration(inputPartitions: 1, intake: intake, models: [model])
  }

  static let policy = Policy(name: "volume", configuration: configuration())
}

extension Backtest {
  /// The outcome with the built-in trainer on a log of its own, which is handed over afterwards.
  func outcome(
    of policy: Policy, observe: OutputObserver? = nil, rows: RowObserver? = nil,
    then look: (any Log) throws -> Void = { _ in }
  ) throws -> PolicyOutcome {
    let folder = try TemporaryFolder()
    let log = try EmbeddedLog(path: folder.path("log.db"))
    let outcome = try outcome(of: policy, log: log, observe: observe, rows: rows) {
      BuiltinTrainer($0, policy.configuration)
    }
    try look(log)
    return outcome
  }
}

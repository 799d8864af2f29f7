import Bytes
import Control
import Drift
import Events
import Log
import Models

@testable import Engine
import TestSupport

/// A small stream in which everything happens: history trains version 1, its rows drift, version 2 takes over; labels
/// come late, twice, or never; two models share the topics.
struct Scenario: Sendable {
  static let second: Milliseconds = 1_000
  static let start: Milliseconds = 1_000_000_000
  static let partitions = 2

  var models = ["a", "b"]
  var history = 60
  var blocks = 6
  var rowsPerBlock = 20
  var seed: UInt64 = 1

  var configuration: EngineConfiguration {
    var monitor = MonitorConfiguration(
      window: 40 * Self.second, drift: DriftConfiguration(minimumRows: 15, minimumReferenceRows: 15),
      detector: DetectorConfiguration(averageRunLength: 100),
      performance: PerformanceConfiguration(windowLength: 40 * Self.second, minimumRows: 15, minimumReferenceRows: 5))
    monitor.triggers = TriggerConfiguration(volume: 40, cooldown: 60 * Self.second, driftSpacing: 20 * Self.second)
    let training = TrainingConfiguration(holdout: 0.5, minimumRows: 10, referenceRows: 40)
    let gate = GateConfiguration(tolerance: 1, alpha: 0.5, minimumRows: 8, minimumRowsKnown: 4, shadowRows: 100)
    let intake = IntakeConfiguration(
      pane: 5 * Self.second, lateness: 2 * Self.second, labelHorizon: 30 * Self.second, futureSlack: 0)
    return EngineConfiguration(
      inputPartitions: Self.partitions, intake: intake,
      models: models.map {
        ModelConfiguration(name: $0, task: .binary, monitor: monitor, training: training, gate: gate)
      },
      fingerprint: "scenario", code: "test")
  }

  /// Appends the history and the block's events, and says how far time has come after each.
  var actions: [Loop.Action] {
    var random = SplitMix64(seed: seed)
    var actions = historyActions(&random)
    for block in 0..<blocks { actions += blockActions(block, &random) }
    actions.append(.promise(time(history + blocks * rowsPerBlock) + 120 * Self.second))
    return actions
  }

  func time(_ row: Int) -> Milliseconds { Self.start + Milliseconds(row) * Self.second }

  private func features(_ row: Int, _ random: inout SplitMix64) -> (features: [Feature], label: Double) {
    let shift = row >= history + blocks * rowsPerBlock / 3 ? 3.0 : 0.0
    let x = Double.random(in: -1...1, using: &random)
    let features = [
      Feature(name: "x", value: Int.random(in: 0..<15, using: &random) == 0 ? .missing : .number(x + shift)),
      Feature(name: "c", value: .category(["red", "green", "blue"][Int.random(in: 0..<3, using: &random)])),
    ]
    return (features, x > 0 ? 1 : 0)
  }

  private func historyActions(_ random: inout SplitMix64) -> [Loop.Action] {
    var records = Array(repeating: [Record](), count: Self.partitions)
    for row in 0..<history {
      let (features, label) = features(row, &random)
      for model in models {
        let partition = row % Self.partitions
        let example = Example(
          seq: Int64(records[partition].count), id: "h\(row)", model: model, time: time(row), labelTime: time(row),
          features: features, label: .number(label))
        records[partition].append(record(ExampleRecord.example(example), at: time(row)))
      }
    }
    let ranges = records.indices.map { PartitionRows(partition: $0, first: 0, end: Int64(records[$0].count)) }
    let triggers = models.map { model in
      record(
        Trigger(
          id: "\(model)/manual-first/1", model: model, time: time(history), rule: "manual", cause: "manual-first",
          attempt: 1, rows: RowSet(before: time(history), partitions: ranges)),
        at: time(history), key: model)
    }
    return records.indices.map { .append(.examples, $0, records[$0]) }
      + [.append(.triggers, 0, triggers), .promise(time(history) - 100 * Self.second)]
  }

  private func blockActions(_ block: Int, _ random: inout SplitMix64) -> [Loop.Action] {
    var predictions = Array(repeating: [Record](), count: Self.partitions)
    var labels = predictions
    let rows = history + block * rowsPerBlock..<history + (block + 1) * rowsPerBlock
    for row in rows {
      let (features, label) = features(row, &random)
      let partition = Int.random(in: 0..<Self.partitions, using: &random)
      let model = Int.random(in: 0..<3, using: &random) == 0 ? models[models.count - 1] : models[0]
      let prediction = Prediction(
        id: "p\(row)", model: model, version: 1, time: time(row), features: features,
        score: .number(.random(in: 0...1, using: &random)))
      predictions[partition].append(record(prediction, at: time(row)))
      let later = time(row) + .random(in: 0...9, using: &random) * Self.second
      let truth = Label(prediction: "p\(row)", model: model, time: later, value: .number(label))
      for _ in 0..<[0, 1, 1, 1, 1, 1, 1, 2][Int.random(in: 0..<8, using: &random)] {
        labels[partition].append(record(truth, at: later))
      }
    }
    predictions[0].append(text("not a prediction", at: time(rows.upperBound)))
    for partition in labels.indices { labels[partition].sort { $0.timestamp < $1.timestamp } }
    return predictions.indices.flatMap { partition -> [Loop.Action] in
      [.append(.predictions, partition, predictions[partition]), .append(.labels, partition, labels[partition])]
    } + [.promise(time(rows.upperBound))]
  }
}

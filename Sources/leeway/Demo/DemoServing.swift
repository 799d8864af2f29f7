import Backtest
import Engine
import Events
import LeewayClient
import Log
import Models

/// The simulated serving system: knows Leeway by its client alone. Scores each row with the version that the subscriber
/// last told it, produces the prediction, and later the label.
final class DemoServing {
  private struct Due {
    let row: Int
    let time: Milliseconds
  }

  let model: String
  private let table: DemoTable
  private let labelDelay: Int
  private let producer: EventProducer
  private let subscriber: ModelSubscriber
  private(set) var first: LocalScorer?
  private(set) var current: LocalScorer?
  private(set) var predictions = 0
  private(set) var labels = 0
  /// Rows whose label has a time of its own, earliest first.
  private var waiting: [Due] = []
  private var nextWaiting = 0
  private(set) var alone: ScoreTrack
  private(set) var loop: ScoreTrack

  init(
    table: DemoTable, served: Range<Int>, model: String, labelDelay: Int, log: any Log, topicPrefix: String
  ) async throws {
    self.table = table
    self.model = model
    self.labelDelay = labelDelay
    var configuration = ProducerConfiguration()
    configuration.id = "\(topicPrefix)demo-serving"
    configuration.topicPrefix = topicPrefix
    configuration.timestamps = .eventTime
    configuration.batch.linger = nil
    producer = try await EventProducer(log: log, configuration: configuration)
    subscriber = ModelSubscriber(log: log, models: [model], topicPrefix: topicPrefix)
    alone = ScoreTrack(task: table.task, from: served.lowerBound)
    loop = ScoreTrack(task: table.task, from: served.lowerBound)
    waiting = served.compactMap { row in table.rows[row].labelTime.map { Due(row: row, time: $0) } }
      .sorted { ($0.time, $0.row) < ($1.time, $1.row) }
  }

  /// Looks whether a new version is in service.
  func look() throws {
    for change in try subscriber.poll() {
      switch change {
      case .champion(let served):
        current = served.scorer
        if first == nil { first = served.scorer }
      case .external(let external):
        throw CommandError("version \(external.version) is of a family that cannot be scored here")
      case .refused(let refused):
        throw CommandError("version \(refused.version) was refused: \(refused.reason)")
      case .skipped(let skipped):
        throw CommandError("a record of \(skipped.partition) cannot be read: \(skipped.reason)")
      case .interrupted(let error):
        throw error
      }
    }
  }

  /// Serves rows, and produces the labels that are known by then. In the log when it returns.
  func serve(_ rows: Range<Int>, firstServed: Int) async throws {
    guard let current, let first else { throw CommandError("no version is in service") }
    for index in rows {
      let row = table.rows[index]
      let scored = current.score(row.features)
      try await producer.send(
        Prediction(
          id: DemoTable.id(of: index), model: model, version: scored.version, time: row.time, features: row.features,
          score: scored.score))
      predictions += 1
      if let label = row.label {
        loop.add(scored.score, label, row: index)
        let score = scored.version == first.version ? scored.score : first.score(row.features).score
        alone.add(score, label, row: index)
      }
      if row.labelTime == nil, index - labelDelay >= firstServed {
        try await send(labelOf: index - labelDelay, at: row.time)
      }
      try await sendLabels(knownBy: row.time)
    }
    try await producer.flush()
  }

  /// Produces the labels that are still to come once nothing is served any more, and says when the last one came.
  func finish(_ served: Range<Int>, step: Milliseconds) async throws -> Milliseconds {
    var time = table.rows[served.upperBound - 1].time
    for index in max(served.lowerBound, served.upperBound - labelDelay)..<served.upperBound
    where table.rows[index].labelTime == nil {
      time += step
      try await send(labelOf: index, at: time)
    }
    if let last = waiting.last { time = max(time, last.time) }
    try await sendLabels(knownBy: .max)
    try await producer.flush()
    return time
  }

  func close() async throws {
    try await producer.close()
    subscriber.close()
  }

  private func sendLabels(knownBy time: Milliseconds) async throws {
    while nextWaiting < waiting.count, waiting[nextWaiting].time <= time {
      try await send(labelOf: waiting[nextWaiting].row, at: waiting[nextWaiting].time)
      nextWaiting += 1
    }
  }

  private func send(labelOf row: Int, at time: Milliseconds) async throws {
    guard let label = table.rows[row].label else { return }
    try await producer.send(Label(prediction: DemoTable.id(of: row), model: model, time: time, value: label))
    labels += 1
  }
}

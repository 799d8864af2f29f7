import Backtest
import Bytes
import Drift
import Engine
import EventLog
import Events
import Foundation
import Log
import Models
import Recording
import Sketches

/// A backtest that only watches, from an exported file of predictions with twenty numbers: events a second on one core,
/// beside river's `progressive_val_score` with ADWIN over the same rows. And a year of panes of a minute from their
/// summaries alone.
struct BacktestBenchmark: Benchmark {
  let name = "backtest"
  private let events = 400_000
  private let panes = 365 * 24 * 60
  private let rowsOfRiver = 4_000

  func run(into table: inout Table) throws {
    let data = BenchmarkEvents(count: events)
    let river = try river(data, &table)
    for (form, records) in [("binary", data.binaryRecords), ("JSON", data.predictions.map { $0.encoded() })] {
      let path = table.folder.appending(path: "\(form).lwr").path
      try Self.export(data, records, to: path)
      try table.compare(
        Figure("\(form) events, exported file to triggers", .perSecond("event"), targets: [.value(500_000), .ratio(100)]),
        items: events, ours: Contender("backtest") { try Self.watch(path, data) }, peer: river)
    }
  }

  private static func export(_ data: BenchmarkEvents, _ values: [[UInt8]], to path: String) throws {
    let topics = try RecordedTopics([
      RecordedTopic(name: Topic.models.rawValue, partitions: 1),
      RecordedTopic(name: Topic.predictions.rawValue, partitions: 1),
    ])
    let writer = try RecordingWriter(path: path, topics: topics)
    let version = ModelRecord(
      model: BenchmarkEvents.model, version: 3, status: .champion, reason: "first", time: 0, family: "mixture",
      task: "binary", configuration: "", code: "", seed: 1, reference: data.reference)
    try writer.append(
      StoredRecord(offset: 0, record: Record(timestamp: 0, value: version.encoded()[...])), place: 0)
    for (offset, (prediction, value)) in zip(data.predictions, values).enumerated() {
      let record = Record(timestamp: prediction.time, key: Array(prediction.id.utf8)[...], value: value[...])
      try writer.append(StoredRecord(offset: Int64(offset), record: record), place: 1)
    }
    try writer.finish()
  }

  private static func watch(_ path: String, _ data: BenchmarkEvents) throws {
    let configuration = EngineConfiguration(
      inputPartitions: 1, models: [ModelConfiguration(name: BenchmarkEvents.model, task: .binary)])
    var settings = BacktestSettings(model: BenchmarkEvents.model, historyRows: 0)
    settings.monitorsOnly = true
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let backtest = Backtest(asRecorded: try FileRecording(path), settings: settings)
    let outcome = try backtest.outcome(
      of: Policy(name: "watch", configuration: configuration), log: EmbeddedLog(path: folder.path + "/log.db")
    ) { _ in NoTrainer() }
    guard outcome.rows == data.predictions.count, outcome.journal.deadLetters == 0 else {
      throw PeerFault(reason: "\(outcome.rows) rows, \(outcome.journal.firstDeadLetter ?? "")")
    }
  }

  private func river(_ data: BenchmarkEvents, _ table: inout Table) throws -> Peer {
    let rows = data.predictions.prefix(rowsOfRiver)
    let cells = rows.flatMap { row in
      row.features.map { feature in if case .number(let value) = feature.value { value } else { 0.0 } }
    }
    let peer = table.python(
      packages: ["river"], data: ["cells": cells],
      functions: """
        from river import compose, drift, evaluate, linear_model, metrics, preprocessing
        names = [f"feat_{i}" for i in range(20)]
        stream = [(dict(zip(names, row)), bool(row[0] > 0)) for row in cells.reshape(-1, 20).tolist()]
        def replay():
            detector = drift.ADWIN()
            model = compose.Pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression())
            metric = metrics.LogLoss()
            for moment in evaluate.iter_progressive_val_score(stream, model, metric, step=1):
                detector.update(metric.get())
        """)
    return peer.calling("replay", scaledBy: Double(events) / Double(rowsOfRiver))
  }
}

/// For who trains nothing.
private struct NoTrainer: Trainer {
  func train(_ run: RunStarted) throws -> TrainedArtifact { throw TrainingFailure("nothing is trained here") }
}

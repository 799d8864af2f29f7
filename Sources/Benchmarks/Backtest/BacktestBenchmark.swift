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
        Figure(
          "\(form) events, exported file to triggers", .perSecond("event"), targets: [.value(500_000), .ratio(100)]),
        items: events, ours: Contender("backtest") { try Self.watch(path, .monitor, rows: events) }, peer: river)
    }
    let path = table.folder.appending(path: "summaries.lwr").path
    try Self.summarize(data, panes: panes, to: path)
    try table.compare(
      Figure("a year of panes of a minute, summaries to triggers", .milliseconds, targets: [.value(10_000)]), items: 1,
      ours: Contender("backtest") { try Self.watch(path, .summaries, rows: panes * Self.rowsOfPane) }, peer: .none)
  }

  private static let rowsOfPane = 60

  /// The panes of twenty columns that so many rows of each would give: real ones, again and again.
  private static func summarize(_ data: BenchmarkEvents, panes: Int, to path: String) throws {
    let topics = try RecordedTopics([RecordedTopic(name: Topic.summaries.rawValue, partitions: 1)])
    let writer = try RecordingWriter(path: path, topics: topics)
    let facts = VersionFacts(published: 0, task: "binary", reference: data.reference)
    func prepared(_ name: String, _ values: [Double]) -> (String, [Double], NumericBinning) {
      (name, values, NumericBinning.build(sortedReference: values.sorted()))
    }
    let columns = BenchmarkEvents.names.enumerated().map { prepared($1, data.column($0)) }
    let scores = prepared("(prediction)", data.scores)
    var offset: Int64 = 0
    func write(_ record: SummaryRecord, kind: String, at time: Milliseconds) throws {
      let event = CloudEvent(id: "0-\(offset)", source: "leeway/join/0", kind: kind, time: time)
      try writer.append(StoredRecord(offset: offset, record: event.record(record.encoded(), key: nil)), place: 0)
      offset += 1
    }
    for pane in 0..<panes {
      let (start, end) = (Milliseconds(pane) * 60_000, Milliseconds(pane + 1) * 60_000)
      let first = pane * rowsOfPane % (data.predictions.count - rowsOfPane)
      func column(_ name: String, _ values: [Double], _ binning: NumericBinning) -> ColumnSummary {
        var bins = [Int](repeating: 0, count: binning.binCount)
        var moments = Moments()
        for value in values[first..<first + rowsOfPane] {
          bins[binning.bin(of: value)] += 1
          moments.update(value)
        }
        let record = MomentsRecord(
          count: moments.count, mean: moments.mean, m2: moments.m2, min: moments.min, max: moments.max)
        return ColumnSummary(
          name: name, count: rowsOfPane, missing: 0, invalid: 0, moments: record, bins: bins)
      }
      let summary = PaneSummary(
        model: BenchmarkEvents.model, version: 3, partition: 0, tick: end, start: start, end: end, rows: rowsOfPane,
        columns: columns.map(column), prediction: column(scores.0, scores.1, scores.2), facts: pane == 0 ? facts : nil)
      try write(.pane(summary), kind: "pane", at: end)
      let counts = ModelCounts(model: BenchmarkEvents.model, predictions: rowsOfPane)
      try write(
        .progress(Progress(partition: 0, tick: end, resolved: start, nextSeq: 0, counts: [counts])), kind: "progress",
        at: end)
    }
    try writer.finish()
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

  private static func watch(_ path: String, _ depth: BacktestSettings.Depth, rows: Int) throws {
    let configuration = EngineConfiguration(
      inputPartitions: 1, models: [ModelConfiguration(name: BenchmarkEvents.model, task: .binary)])
    var settings = BacktestSettings(model: BenchmarkEvents.model, historyRows: 0)
    settings.depth = depth
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let backtest = try Backtest(asRecorded: try FileRecording(path), settings: settings)
    let outcome = try backtest.outcome(
      of: Policy(name: "watch", configuration: configuration), log: EmbeddedLog(path: folder.path + "/log.db")
    ) { _ in NoTrainer() }
    guard outcome.rows == rows, outcome.journal.deadLetters == 0 else {
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
        from river import drift, evaluate, linear_model, metrics, preprocessing
        names = [f"feat_{i}" for i in range(20)]
        stream = [(dict(zip(names, row)), bool(row[0] > 0)) for row in cells.reshape(-1, 20).tolist()]
        def replay():
            model = preprocessing.StandardScaler() | drift.DriftRetrainingClassifier(
                model=linear_model.LogisticRegression(), drift_detector=drift.ADWIN(), train_in_background=False)
            evaluate.progressive_val_score(iter(stream), model, metrics.Accuracy())
        """)
    return peer.calling("replay", scaledBy: Double(events) / Double(rowsOfRiver))
  }
}

/// For who trains nothing.
private struct NoTrainer: Trainer {
  func train(_ run: RunStarted) throws -> TrainedArtifact { throw TrainingFailure("nothing is trained here") }
}

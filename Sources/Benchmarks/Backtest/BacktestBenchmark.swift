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
/// and memory as the file grows, beside river's `progressive_val_score` over a file of the same rows. And a year of panes
/// of a minute from their summaries alone.
///
/// Two peers, as river has no backtest: a logistic model with one ADWIN on its error, and the same model with an ADWIN on
/// each of the twenty columns, which is what Leeway watches.
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
      for (work, what) in [("error", "ADWIN on the error"), ("columns", "ADWIN on 20 columns")] {
        try table.compare(
          Figure(
            "\(form) events, file to triggers; \(what)", .perSecond("event"), targets: [.value(500_000), .ratio(100)]),
          items: events, ours: Contender("backtest") { try Self.watch(path, .monitor, rows: events) },
          peer: river.calling(work, scaledBy: Double(events) / Double(rowsOfRiver)))
      }
    }
    try addMemory(data, &table)
    let path = table.folder.appending(path: "summaries.lwr").path
    try Self.summarize(data, panes: panes, to: path)
    try table.compare(
      Figure("a year of panes of a minute, summaries to triggers", .milliseconds, targets: [.value(10_000)]), items: 1,
      ours: Contender("leeway backtest") { try Self.backtest(path, rows: panes * Self.rowsOfPane) }, peer: .none)
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

  private static func watch(
    _ path: String, _ depth: BacktestSettings.Depth, rows: Int, horizon: Milliseconds? = nil
  ) throws {
    var intake = IntakeConfiguration()
    if let horizon { intake.labelHorizon = horizon }
    let configuration = EngineConfiguration(
      inputPartitions: 1, intake: intake, models: [ModelConfiguration(name: BenchmarkEvents.model, task: .binary)])
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

  /// The program beside this one, as somebody would call it: it reads ahead with a second thread.
  private static func backtest(_ path: String, rows: Int) throws {
    let program = (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])).deletingLastPathComponent()
      .appending(path: "leeway")
    let folder = URL(filePath: path).deletingLastPathComponent()
    let configuration = folder.appending(path: "backtest.yaml")
    let models = "models: [{name: \(BenchmarkEvents.model), task: binary}]"
    try Data("{topics: {partitions: 1, model_partitions: 1}, \(models)}".utf8).write(to: configuration)
    let process = Process()
    let output = Pipe()
    process.executableURL = program
    process.arguments = [
      "backtest", "--recording", path, "--summaries", "--config", configuration.path, "--json",
    ]
    process.standardOutput = output
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let report = try JSONSerialization.jsonObject(with: printed) as? [String: Any]
    guard process.terminationStatus == 0, report?["rows"] as? Int == rows else {
      throw PeerFault(reason: "\(program.path) printed \(String(decoding: printed.prefix(200), as: UTF8.self))")
    }
  }

  private func river(_ data: BenchmarkEvents, _ table: inout Table) throws -> PythonPeer {
    let path = table.folder.appending(path: "rows.csv")
    let names = BenchmarkEvents.names.joined(separator: ",")
    let rows = data.predictions.prefix(rowsOfRiver).map { row in
      let values = row.features.map { feature in if case .number(let value) = feature.value { value } else { 0.0 } }
      return values.map { "\($0)" }.joined(separator: ",") + (values[0] > 0 ? ",1" : ",0")
    }
    try Data("\(names),y\n\(rows.joined(separator: "\n"))\n".utf8).write(to: path)
    return table.python(
      packages: ["river"],
      functions: """
        from river import base, drift, evaluate, linear_model, metrics, preprocessing, stream
        path = "\(path.path)"
        names = "\(names)".split(",")
        converters = dict({name: float for name in names}, y=lambda text: text == "1")
        class Watched(base.Classifier):
            def __init__(self):
                self.model = preprocessing.StandardScaler() | linear_model.LogisticRegression()
                self.watches = {name: drift.ADWIN() for name in names}
            def predict_one(self, x):
                return self.model.predict_one(x)
            def predict_proba_one(self, x):
                return self.model.predict_proba_one(x)
            def learn_one(self, x, y):
                for name, value in x.items():
                    self.watches[name].update(value)
                self.model.learn_one(x, y)
        def replay(model):
            rows = stream.iter_csv(path, target="y", converters=converters)
            evaluate.progressive_val_score(rows, model, metrics.Accuracy())
        def error():
            replay(preprocessing.StandardScaler() | drift.DriftRetrainingClassifier(
                model=linear_model.LogisticRegression(), drift_detector=drift.ADWIN(), train_in_background=False))
        def columns():
            replay(Watched())
        """)
  }

  /// Of a file with sixteen times the events over that of one: what may still wait for its label, here a tenth of the
  /// smaller file, is in both.
  private func addMemory(_ data: BenchmarkEvents, _ table: inout Table) throws {
    let sizes = [events / 16, events]
    let peaks = try sizes.map { count -> Double? in
      let path = table.folder.appending(path: "\(count).lwr").path
      try Self.export(data, data.binaryRecords.dropLast(events - count), to: path)
      return try Residency.peak { try Self.watch(path, .monitor, rows: count, horizon: Milliseconds(events / 160)) }
    }
    guard let small = peaks[0], let large = peaks[1] else { return }
    table.add(Row(figure: Figure("memory of a monitor-only backtest", .kilobytes), ours: small, peer: .none))
    table.add(
      Row(
        figure: Figure("memory with 16 times the events, of that", .percent, targets: [.value(125)]),
        ours: 100 * large / max(small, 1), peer: .none))
  }
}

/// For who trains nothing.
private struct NoTrainer: Trainer {
  func train(_ run: RunStarted) throws -> TrainedArtifact { throw TrainingFailure("nothing is trained here") }
}

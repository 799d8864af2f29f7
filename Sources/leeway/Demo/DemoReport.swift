import Backtest
import Events

/// The demo's outcome as JSON.
struct DemoReport: Encodable {
  struct Counts: Encodable {
    let predictions: Int
    let labels: Int
    let examples: Int
  }

  struct TriggerEntry: Encodable {
    let row: Int
    let rule: String
    let column: String?
    let statistic: String?
    let value: Double?
  }

  struct VersionEntry: Encodable {
    let version: Int
    let row: Int
    let outcome: String
    let metrics: [String: Double]
  }

  let rows: Int
  let events: Counts
  let triggers: [TriggerEntry]
  let versions: [VersionEntry]
  let `static`: [String: Double]
  let continuous: [String: Double]
  let elapsedSeconds: Double
  let eventsPerSecond: Double

  init(_ result: DemoRun.Result, rows: Int) {
    self.rows = rows
    let serving = result.serving
    events = Counts(predictions: serving.predictions, labels: serving.labels, examples: result.examples)
    triggers = result.journal.triggers.map {
      TriggerEntry(
        row: $0.row, rule: $0.trigger.rule, column: $0.trigger.column, statistic: $0.trigger.statistic,
        value: $0.trigger.value)
    }
    versions = result.journal.versions.map {
      VersionEntry(
        version: $0.record.version, row: $0.row,
        outcome: $0.record.status == .champion ? "published" : $0.record.status.rawValue,
        metrics: Self.metrics($0.record.challenger))
    }
    `static` = Self.named(serving.alone)
    continuous = Self.named(serving.loop)
    elapsedSeconds = result.seconds
    eventsPerSecond = Double(serving.predictions + serving.labels) / max(result.seconds, 1e-9)
  }

  func write(to path: String) throws {
    try OutputFile.replace(path, with: ReportJSON.encoded(self))
  }

  private static func named(_ score: ScoreTrack) -> [String: Double] {
    Dictionary(
      score.metrics.compactMap { metric in metric.value.map { (metric.name, $0) } }, uniquingKeysWith: { $1 })
  }

  private static func metrics(_ record: MetricsRecord?) -> [String: Double] {
    guard let record else { return [:] }
    let all: [(String, Double?)] = [
      ("rows", Double(record.rows)), ("loss", record.loss), ("accuracy", record.accuracy),
      ("log_loss", record.logLoss), ("auc", record.auc), ("mae", record.mae), ("rmse", record.rmse),
    ]
    return Dictionary(
      all.compactMap { name, value in value.flatMap { $0.isFinite ? (name, $0) : nil } }, uniquingKeysWith: { $1 })
  }
}

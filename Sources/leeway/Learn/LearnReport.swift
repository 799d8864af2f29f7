import Foundation
import Models

/// The figures of `leeway learn`.
struct LearnReport: Encodable {
  let rows: Int
  let scoredRows: Int
  let learnedRows: Int
  let task: String
  let family: String
  let labelDelay: Int
  let publishEvery: Int
  /// Those that the task has and the rows allow: no AUC where all labels are the same.
  let metrics: [String: Double]
  let seconds: Double
  let rowsPerSecond: Double

  init(_ result: LearnRun.Result, labelDelay: Int, publishEvery: Int) {
    let evaluation = result.evaluation
    rows = result.rows
    scoredRows = evaluation.count
    learnedRows = result.learned
    task = result.model.schema.task.name
    family = result.model.family.name
    (self.labelDelay, self.publishEvery) = (labelDelay, publishEvery)
    let all = [
      ("accuracy", evaluation.accuracy), ("log_loss", evaluation.logLoss), ("auc", evaluation.auc),
      ("mae", evaluation.mae), ("rmse", evaluation.rmse),
      ("poisson_deviance", result.model.family.learnsCounts ? evaluation.poissonDeviance : nil),
    ]
    metrics = Dictionary(
      all.compactMap { name, value in value.flatMap { $0.isFinite ? (name, $0) : nil } }, uniquingKeysWith: { $1 })
    seconds = result.seconds
    rowsPerSecond = Double(rows) / max(result.seconds, 1e-9)
  }

  func encoded() throws -> [UInt8] { try ReportJSON.encoded(self) }

  func text(_ name: String) -> String {
    let order = ["accuracy", "log_loss", "auc", "mae", "rmse", "poisson_deviance"].filter { metrics[$0] != nil }
    var table = TextTable(header: ["after the first \(Figures.grouped(rows / 10)) rows"] + order)
    table.append(["\(family), \(task)"] + order.map { Figures.metric(metrics[$0]) })
    let served =
      labelDelay == 0 && publishEvery == 1
      ? "each learned at once"
      : "labels \(Figures.grouped(labelDelay)) rows later, a version every \(Figures.grouped(publishEvery)) labels"
    let lines =
      ["\(name): \(Figures.grouped(rows)) rows, \(served)"] + table.lines
      + ["\(Figures.grouped(learnedRows)) rows learned, \(Figures.grouped(Int(rowsPerSecond))) rows/s"]
    return lines.joined(separator: "\n")
  }
}

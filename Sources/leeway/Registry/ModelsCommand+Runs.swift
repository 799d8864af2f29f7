import ArgumentParser
import Events
import Foundation
import Log

extension ModelsCommand {
  struct Runs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Every run with its rule, rows, metrics and outcome, as a table, CSV or JSON.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "Only this model.") var model: String?
    @Option(help: "Write CSV to this file; - is standard output.") var csv: String?
    @Flag(help: "One JSON object a run and line.") var json = false

    func validate() throws {
      if csv != nil, json { throw ValidationError("--csv or --json") }
    }

    func run() async throws {
      if let csv, csv != "-" { try OutputFile.check(csv) }
      let file = try common.load()
      let log = try file.log.openExisting()
      let names = TopicNames(prefix: file.topics.prefix)
      let runs = try RunTable(log, names: names, model: model, topics: [.runs, .models]).lines
      guard let csv, csv != "-" else { return try print(runs) }
      var text: [UInt8] = []
      for line in RunTable.Line.csv(runs) { text += Array("\(line)\n".utf8) }
      try OutputFile.replace(csv, with: text)
      Swift.print("\(Figures.grouped(runs.count)) runs written to \(csv)")
    }

    private func print(_ runs: [RunTable.Line]) throws {
      let output = StandardOutput()
      if json {
        for run in runs { try output.line(run.json) }
      } else {
        try output.lines(csv == nil ? RunTable.Line.table(runs) : RunTable.Line.csv(runs))
      }
      try output.flush()
    }
  }
}

extension RunTable.Line {
  private static let longestResult = 60

  fileprivate static func table(_ runs: [Self]) -> [String] {
    var table = TextTable(header: [
      "RUN", "RULE", "VERSION", "STATUS", "ROWS", "LOSS", "CHAMPION", "ACCURACY", "AUC", "MAE", "SECONDS", "OUTCOME",
    ])
    for run in runs {
      let result = run.result
      table.append([
        run.run, run.rule ?? "–", run.version.map(String.init) ?? "–", run.status?.rawValue ?? "–",
        run.trainedRows.map(Figures.grouped) ?? "–", Figures.metric(run.challenger?.loss),
        Figures.metric(run.champion?.loss), Figures.metric(run.challenger?.accuracy),
        Figures.metric(run.challenger?.auc), Figures.metric(run.challenger?.mae),
        run.seconds.map { String(format: "%.1f", $0) } ?? "–",
        result.count > longestResult ? "\(result.prefix(longestResult - 1))…" : result,
      ])
    }
    return table.lines
  }

  private static let columns = [
    "model", "run", "rule", "time", "version", "status", "trained_rows", "validated_rows", "loss", "champion_loss",
    "accuracy", "champion_accuracy", "log_loss", "champion_log_loss", "auc", "champion_auc", "mae", "champion_mae",
    "rmse", "champion_rmse", "seconds", "outcome", "failure",
  ]

  fileprivate static func csv(_ runs: [Self]) -> [String] {
    [CSVText.line(columns)] + runs.map { CSVText.line($0.cells) }
  }

  private var cells: [String?] {
    let first = [
      model, run, rule, RFC3339.format(time), version.map(String.init), status?.rawValue, trainedRows.map(String.init),
      validatedRows.map(String.init),
    ]
    let metrics: [Double?] = [
      challenger?.loss, champion?.loss, challenger?.accuracy, champion?.accuracy, challenger?.logLoss,
      champion?.logLoss, challenger?.auc, champion?.auc, challenger?.mae, champion?.mae, challenger?.rmse,
      champion?.rmse, seconds,
    ]
    return first + metrics.map { $0.map { "\($0)" } } + [failure == nil ? result : "failed", failure]
  }

  fileprivate var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("model", model)
      writer.field("run", run)
      writer.field("rule", rule)
      writer.field("time", time)
      writer.field("version", version)
      writer.field("status", status?.rawValue)
      writer.field("trained_rows", trainedRows)
      writer.field("validated_rows", validatedRows)
      writer.metrics("challenger", challenger)
      writer.metrics("champion", champion)
      writer.field("seconds", seconds)
      writer.field("outcome", failure == nil ? result : "failed")
      writer.field("failure", failure)
    }
    return writer.bytes
  }
}

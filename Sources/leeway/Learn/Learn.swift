import ArgumentParser
import Events
import Foundation
import Models

/// `leeway learn`: the learner on a file, test-then-train, without a log.
struct Learn: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The learner on a file, test-then-train: each row is predicted before it is learned.",
    discussion: """
      The score is of the rows after the first tenth. --label-delay D: a row is learned once D more rows have been \
      predicted. --publish-every N: predictions come from a version that is renewed with every N labels. Nothing is \
      tuned: one set of constants serves every file.
      """)

  @Option(help: "A CSV file (.gz too) with a header, in time order or with --time; - is standard input.")
  var csv: String

  @Option(help: "The column to predict.")
  var label: String

  @Option(help: "classification or regression (default: by the label's values).")
  var task: DemoTable.DemoTask?

  @OptionGroup var columns: ColumnOptions

  @OptionGroup var learning: LearningOptions

  @Option(help: "Column with a row's time, by which rows are sorted (default: the order of the file).")
  var time: String?

  @Option(help: "Rows after which a label becomes known.")
  var labelDelay = 0

  @Option(help: "Labels with which a new version takes over.")
  var publishEvery = 1

  @Option(help: "Of every random draw: the same seed and rows give the same bytes (default: 1).")
  var seed: UInt64?

  @Option(
    help: "Go on from this model, as --out or `leeway models export` wrote it: columns, family and seed are its own.")
  var warmStart: String?

  @Option(help: "Write the model, once it has learned every label of the file, to this file.")
  var out: String?

  @Option(help: "Write the figures as JSON to this file.")
  var report: String?

  @Option(help: "Write row, label and score of every row as CSV to this file.")
  var predictions: String?

  @Flag(help: "Print the figures as JSON.")
  var json = false

  func validate() throws {
    guard (0...10_000_000).contains(labelDelay) else { throw ValidationError("--label-delay must be 0 to 10000000") }
    guard (1...10_000_000).contains(publishEvery) else {
      throw ValidationError("--publish-every must be 1 to 10000000")
    }
    try learning.checkKinds(columns)
  }

  func run() throws {
    try OutputFile.checkDistinct(
      [("--out", out), ("--report", report), ("--predictions", predictions)], from: [("--csv", csv)])
    for path in [out, report, predictions].compactMap({ $0 }) { try OutputFile.check(path) }
    let start = try warmStart.map(beginning)
    let table = try DemoTable(plan(start), leastRows: 1)
    for warning in table.warnings { Terminal.complain(warning) }
    if let start, let ignored = ignored(by: start, in: table) { Terminal.complain(ignored) }
    var model = try start ?? fresh(table)
    if let rule = try learning.weights(for: model.schema.task, at: csv) { try model.weigh(rule) }
    let run = try LearnRun(
      table: table, model: model, labelDelay: labelDelay, publishEvery: publishEvery, place: csv)
    let file = try predictions.map { try PredictionsFile($0, task: model.schema.task) }
    let result = try run.result { try file?.append($0, $1, $2) }
    try file?.close()
    let figures = LearnReport(result, labelDelay: labelDelay, publishEvery: publishEvery)
    if let out { try OutputFile.replace(out, with: result.model.encoded()) }
    if let report { try OutputFile.replace(report, with: figures.encoded()) }
    print(
      json ? String(decoding: try figures.encoded(), as: UTF8.self) : figures.text(csv == "-" ? "standard input" : csv))
  }

  private func plan(_ start: Model?) -> DemoTable.Plan {
    var plan = DemoTable.Plan(path: csv, label: label, task: task)
    plan.enter(columns, learning)
    if let start { plan.enter([start.schema]) }
    plan.time = time
    return plan
  }

  private func fresh(_ table: DemoTable) throws -> Model {
    let schema: Schema
    do throws(ModelError) {
      schema = try Schema.infer(
        task: table.task,
        rows: table.rows.lazy.map { $0.features.lazy.map { (name: $0.name, value: Value($0.value)) } },
        categorical: Set(columns.categorical.names), numeric: Set(columns.numeric.names),
        hashed: Set(learning.hashed.names), times: Set(learning.calendar.names))
    } catch {
      throw CommandError(error.message, at: csv)
    }
    return Model(schema: schema, family: try learning.family(for: table.task, at: csv), seed: seed ?? 1)
  }
}

extension Value {
  init(_ value: FeatureValue) {
    switch value {
    case .number(let number): self = .number(number)
    case .category(let text): self = .category(text)
    case .missing: self = .missing
    }
  }
}

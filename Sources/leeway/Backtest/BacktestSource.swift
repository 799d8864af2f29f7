import ArgumentParser
import Backtest
import Models

/// What is replayed.
struct BacktestSource: ParsableArguments {
  @Option(help: "A CSV file (.gz too) with a header, in time order or with --time; needs --label.")
  var csv: String?

  @Option(help: "The column to predict.")
  var label: String?

  @Option(help: "classification or regression (default: by the label's values).")
  var task: DemoTable.DemoTask?

  @OptionGroup var columns: ColumnOptions

  @OptionGroup var learning: LearningOptions

  @Option(help: "Column with a row's time: date, time, seconds or milliseconds since 1970 (default: a row a second).")
  var time: String?

  @Option(help: "Column with the time at which the row's label became known (default: --label-delay).")
  var labelTime: String?

  @Option(help: "Rows after which a label becomes known.")
  var labelDelay = 200

  @Option(help: "The oldest rows, which train version 1 (default: a tenth).")
  var historyRows: Int?

  func validate() throws {
    guard csv != nil else { throw ValidationError("name what is replayed: --csv FILE") }
    if label == nil { throw ValidationError("--csv needs --label COLUMN") }
    guard (0...1_000_000).contains(labelDelay) else { throw ValidationError("--label-delay must be 0 to 1000000") }
    if labelTime != nil, time == nil { throw ValidationError("--label-time needs --time COLUMN") }
    if let historyRows, historyRows < 1 { throw ValidationError("--history-rows must be at least 1") }
  }

  /// What is known of a source once it has been looked at.
  struct Plan {
    var recording: any EventRecording
    /// What holds where a policy says nothing.
    let configuration: LeewayConfiguration
    let model: String
    let task: Models.Task
    let historyRows: Int
    let warnings: [String]
  }

  func plan() throws -> Plan {
    var plan = DemoTable.Plan(path: csv ?? "", label: label ?? "", task: task)
    try columns.enter(learning, into: &plan)
    (plan.time, plan.labelTime) = (time, labelTime)
    let table = try DemoTable(plan)
    var configuration = TableConfiguration.configuration(table, plan, labelDelay: labelDelay, retrainEvery: 500)
    try learning.check(table.task, at: plan.path)
    configuration.topics.partitions = 1
    learning.enter(into: &configuration.models[0], without: plan.dropped.union(table.counters))
    let history = historyRows ?? table.rows.count / 10
    guard history < table.rows.count else {
      throw CommandError(
        "has \(table.rows.count) rows, and --history-rows takes \(history)", at: plan.path,
        remedy: "leave some to replay")
    }
    return Plan(
      recording: TableRecording(table, model: TableConfiguration.model, labelDelay: labelDelay),
      configuration: configuration, model: TableConfiguration.model, task: table.task, historyRows: history,
      warnings: table.warnings)
  }
}

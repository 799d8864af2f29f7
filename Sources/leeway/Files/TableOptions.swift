import ArgumentParser

/// What is said of a CSV file whose rows are served and labelled later.
struct TableOptions: ParsableArguments {
  @Option(help: "Of a CSV file: the column to predict.")
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

  func validate() throws {
    try learning.checkKinds(columns)
    guard (0...1_000_000).contains(labelDelay) else { throw ValidationError("--label-delay must be 0 to 1000000") }
    if labelTime != nil, time == nil { throw ValidationError("--label-time needs --time COLUMN") }
  }

  /// Throws where what is said does not go with the file, or with there being none.
  func check(with csv: String?) throws(ValidationError) {
    if csv != nil, label == nil { throw ValidationError("--csv needs --label COLUMN") }
    let ofFiles = [label, task?.rawValue, time, labelTime].contains { $0 != nil }
    if csv == nil, ofFiles || !(columns.categorical + columns.numeric + learning.hashed + learning.calendar).isEmpty {
      throw ValidationError(
        "--label, --task, --categorical, --numeric, --hashed, --calendar, --time and --label-time go with --csv FILE")
    }
  }

  func plan(of csv: String) -> DemoTable.Plan {
    var plan = DemoTable.Plan(path: csv, label: label ?? "", task: task)
    plan.enter(columns, learning)
    (plan.time, plan.labelTime) = (time, labelTime)
    return plan
  }
}

extension DemoTable.DemoTask: ExpressibleByArgument {}

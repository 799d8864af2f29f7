import ArgumentParser

/// What is said of the columns of a CSV file.
struct ColumnOptions: ParsableArguments {
  @Option(help: "Columns to leave out, separated by commas; may be given several times, as all such lists.")
  var drop: [NameList] = []

  @Option(help: "Columns whose numbers are names, separated by commas.")
  var categorical: [NameList] = []

  @Option(help: "Columns whose texts are missing values, separated by commas.")
  var numeric: [NameList] = []

  func enter(_ learning: LearningOptions, into plan: inout DemoTable.Plan) throws {
    try learning.checkKinds(self)
    plan.dropped = Set(drop.names)
    plan.categorical = Set((categorical + learning.hashed).names)
    plan.numeric = Set((numeric + learning.calendar).names)
  }
}

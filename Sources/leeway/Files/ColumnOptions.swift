import ArgumentParser
import Models

/// What is said of the columns of a CSV file.
struct ColumnOptions: ParsableArguments {
  @Option(help: "Columns to leave out, separated by commas; may be given several times, as all such lists.")
  var drop: [NameList] = []

  @Option(help: "Columns whose numbers are names, separated by commas.")
  var categorical: [NameList] = []

  @Option(help: "Columns whose texts are missing values, separated by commas.")
  var numeric: [NameList] = []
}

extension DemoTable.Plan {
  /// Hashed columns hold names, calendar columns numbers.
  mutating func enter(_ columns: ColumnOptions, _ learning: LearningOptions) {
    dropped = Set(columns.drop.names)
    categorical = Set((columns.categorical + learning.hashed).names)
    numeric = Set((columns.numeric + learning.calendar).names)
  }

  /// Reads columns as models do that are there already.
  mutating func enter(_ schemas: [Schema]) {
    let columns = schemas.flatMap(\.columns)
    known = schemas
    categorical = Set(columns.filter { [.categorical, .hashed].contains($0.kind) }.map(\.name))
    numeric = Set(columns.filter { [.numeric, .time].contains($0.kind) }.map(\.name))
  }
}

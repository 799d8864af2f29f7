import ArgumentParser
import Foundation

/// What is said of the columns of a CSV file.
struct ColumnOptions: ParsableArguments {
  @Option(help: "Columns to leave out, separated by commas.")
  var drop: String?

  @Option(help: "Columns whose numbers are names, separated by commas.")
  var categorical: String?

  @Option(help: "Columns whose texts are missing values, separated by commas.")
  var numeric: String?

  /// The names in a list.
  static func names(_ list: String?) -> Set<String> {
    Set((list ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty })
  }
}

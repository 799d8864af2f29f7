import Foundation
import Sketches

/// Which of a file's columns are looked at, and as what.
struct ColumnSelection {
  /// Nil for all but those that count the rows.
  let only: [String]?
  let categorical: Set<String>
  let numeric: Set<String>

  init(only: [String]?, categorical: [String], numeric: [String]) throws(CommandError) {
    if let only, let twice = only.first(where: { name in only.filter { $0 == name }.count > 1 }) {
      throw CommandError("--columns names \(twice) twice")
    }
    self.only = only
    self.categorical = Set(categorical)
    self.numeric = Set(numeric)
    if let both = self.categorical.intersection(numeric).min() {
      throw CommandError("--categorical and --numeric both name \(both)")
    }
  }

  /// Names and places, in the order of the file or of `only`.
  func columns(of reader: CSVReader) throws(CommandError) -> [(name: String, index: Int)] {
    for name in categorical.union(numeric).sorted() { _ = try reader.column(name) }
    var columns: [(name: String, index: Int)] = []
    for name in only ?? reader.header { columns.append((name, try reader.column(name))) }
    guard !columns.isEmpty else { throw CommandError("--columns names no column") }
    return columns
  }

  func column(_ name: String) -> FileColumn {
    FileColumn(name: name, kind: categorical.contains(name) ? .category : numeric.contains(name) ? .numeric : nil)
  }
}

extension CSVReader {
  /// Says on standard error which rows were left out.
  func complainOfBadRows() {
    for row in badRows { Terminal.complain("\(name):\(row.line): \(row.reason); the row is left out") }
    if badRowCount > badRows.count {
      Terminal.complain(
        "\(name): \(Figures.grouped(badRowCount)) rows left out in all; the first of them are named above")
    }
  }

  /// Why there is nothing to work on.
  var emptiness: CommandError {
    badRowCount == 0
      ? CommandError("the file holds no rows but its header", at: name)
      : CommandError(
        "none of its \(Figures.grouped(badRowCount)) rows can be read", at: name,
        remedy: "each must have the header's \(Figures.count(header.count, "column"))")
  }
}

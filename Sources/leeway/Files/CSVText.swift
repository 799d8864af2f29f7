/// Text as a cell of comma-separated values.
enum CSVText {
  /// In quotes where it needs them; empty text too, which stands for a missing value without.
  static func cell(_ text: String) -> String {
    let isPlain = !text.isEmpty && !text.utf8.contains { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }
    return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// A row; `nil` is a missing value.
  static func line(_ cells: some Sequence<String?>) -> String {
    cells.map { $0.map(cell) ?? "" }.joined(separator: ",")
  }
}

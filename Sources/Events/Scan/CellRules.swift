/// How the columns of a schema turn values into cells.
struct CellRules {
  /// The levels of each column, nil for one of numbers.
  private let levels: [NameTable?]
  let hasCategories: Bool

  init(_ columns: [EventSchema.Column]) {
    levels = columns.map { column in
      guard case .category(let levels) = column.kind else { return nil }
      var table = NameTable()
      for level in levels { table.append(Array(level.utf8)) }
      return table
    }
    hasCategories = levels.contains { $0 != nil }
  }

  /// The code of a level, `Cell.unlisted` for one without, `Cell.invalid` for text in a column of numbers.
  func cell(of text: UnsafeRawBufferPointer, column: Int) -> Double {
    guard let levels = levels[column] else { return Cell.invalid }
    return levels.find(text).map(Double.init) ?? Cell.unlisted
  }

  /// The same for a number; what is not finite is missing.
  @inline(__always)
  func cell(of number: Double, column: Int) -> Double {
    number - number != 0 ? Cell.missing : isCategory(column) ? Cell.unlisted : number
  }

  @inline(__always)
  func isCategory(_ column: Int) -> Bool { hasCategories && levels[column] != nil }

  @inline(__always)
  func isUnlisted(_ cell: Double, column: Int) -> Bool { cell == Cell.unlisted && isCategory(column) }

  /// Whether one of a row's cells is a category without a code.
  func hasUnlisted(_ row: [Double]) -> Bool {
    hasCategories && levels.indices.contains { isUnlisted(row[$0], column: $0) }
  }
}

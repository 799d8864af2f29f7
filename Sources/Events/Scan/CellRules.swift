/// How the columns of a schema turn values into cells.
struct CellRules {
  /// The levels of each column, nil for one of numbers.
  private let levels: [NameTable?]
  /// The codes of those levels that are how a number is spelled, by column.
  private let numbers: [[Double: Double]]
  let hasCategories: Bool

  init(_ columns: [EventSchema.Column]) {
    levels = columns.map { column in
      guard case .category(let levels) = column.kind else { return nil }
      var table = NameTable()
      for level in levels { table.append(Array(level.utf8)) }
      return table
    }
    numbers = columns.map { column in
      guard case .category(let levels) = column.kind else { return [:] }
      let coded = levels.enumerated().compactMap { code, level -> (Double, Double)? in
        guard let number = Double(level), number.isFinite, Self.level(of: number) == level else { return nil }
        return (number, Double(code))
      }
      return Dictionary(coded) { first, _ in first }
    }
    hasCategories = levels.contains { $0 != nil }
  }

  /// The level that a number names: its shortest decimal form, whole numbers below 2^53 without a point, as
  /// `ColumnValue.level(of:)` of the sketches has it.
  private static func level(of number: Double) -> String {
    number == number.rounded() && number.magnitude < 0x1p53 ? String(Int64(number)) : number.description
  }

  /// The code of a level, `Cell.unlisted` for one without, `Cell.invalid` for text in a column of numbers.
  func cell(of text: UnsafeRawBufferPointer, column: Int) -> Double {
    guard let levels = levels[column] else { return Cell.invalid }
    return levels.find(text).map(Double.init) ?? Cell.unlisted
  }

  /// The same for a number; what is not finite is missing. In a category it is the level that it names.
  @inline(__always)
  func cell(of number: Double, column: Int) -> Double {
    number - number != 0 ? Cell.missing : isCategory(column) ? code(of: number, column: column) : number
  }

  /// The code of the level that a number names in a category; `Cell.unlisted` where it has none.
  @inline(never)
  func code(of number: Double, column: Int) -> Double { numbers[column][number] ?? Cell.unlisted }

  @inline(__always)
  func isCategory(_ column: Int) -> Bool { hasCategories && levels[column] != nil }

  @inline(__always)
  func isUnlisted(_ cell: Double, column: Int) -> Bool { cell == Cell.unlisted && isCategory(column) }

  /// Whether one of a row's cells is a category without a code.
  func hasUnlisted(_ row: [Double]) -> Bool {
    hasCategories && levels.indices.contains { isUnlisted(row[$0], column: $0) }
  }
}

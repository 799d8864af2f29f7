/// What the scanner knows of one schema: its names, and those of other features that its events carry.
struct SchemaScan {
  /// Names beside the schema's that are remembered, so that events with them need not go the long way.
  private static let otherNames = 512

  let width: Int
  /// The columns by number, then the others.
  private(set) var names = NameTable()
  /// Whether the sequence of names holds every column.
  private var isWhole = false
  let rules: CellRules
  /// Lists of names that binary events have brought, and the columns of each.
  var layouts: [BinaryLayout] = []

  init(_ schema: EventSchema) {
    width = schema.columns.count
    rules = CellRules(schema.columns)
    var known: Set<String> = []
    for column in schema.columns {
      // One that repeats another, in the same spelling or not, is never filled.
      names.append(known.insert(column.name).inserted ? Array(column.name.utf8) : [])
    }
  }

  /// The column of a name without escapes.
  func column(of name: UnsafeRawBufferPointer) -> Int? {
    names.find(name).flatMap { $0 < width ? $0 : nil }
  }

  /// Fills the row of an event that was read the long way. Says whether a cell is `unlisted`.
  func fill(_ row: inout [Double], from features: [Feature]) -> Bool {
    for column in 0..<width { row[column] = Cell.missing }
    var hasUnlisted = false
    for feature in features {
      var name = feature.name
      guard let column = name.withUTF8({ column(of: UnsafeRawBufferPointer($0)) }) else { continue }
      switch feature.value {
      case .number(let number): row[column] = rules.cell(of: number, column: column)
      case .category(var text):
        row[column] = text.withUTF8 { rules.cell(of: UnsafeRawBufferPointer($0), column: column) }
      case .missing: continue
      }
      if rules.isUnlisted(row[column], column: column) { hasUnlisted = true }
    }
    return hasUnlisted
  }
}

extension SchemaScan {
  /// Reads the object of features at the cursor into `cells`; false where it must be read the long way.
  ///
  /// First the names as they came the last time, one after the other; from the first that differs on, each name is
  /// looked up.
  @inline(__always)
  mutating func features(
    _ cursor: inout ScanCursor, _ cells: inout [Double], _ hasUnlisted: inout Bool
  ) -> Bool {
    var place = cursor
    guard place.take("{") else { return false }
    place.skipBlanks()
    var row = cells.mutableSpan
    let sequence = names.sequence
    var step = 0
    var isOpen = place.byte != UInt8(ascii: "}")
    while isOpen, step < sequence.count, names.matches(sequence[step], place) {
      place.next &+= sequence[step].length
      guard value(&place, sequence[step].number, &row, &hasUnlisted) else { return false }
      isOpen = Self.goesOn(&place)
      step &+= 1
    }
    cursor = place
    if isOpen || step < sequence.count || !isWhole {
      guard rest(&cursor, after: step, isOpen, &cells, &hasUnlisted) else { return false }
    }
    return cursor.take("}")
  }

  /// Reads a value and the blanks in front of it.
  @inline(__always)
  private func value(
    _ place: inout ScanCursor, _ number: Int, _ row: inout MutableSpan<Double>, _ hasUnlisted: inout Bool
  ) -> Bool {
    if place.byte <= 0x20 { place.skipBlanks() }
    let first = place.byte
    if first &- UInt8(ascii: "0") < 10 || first == UInt8(ascii: "-") {
      var value = 0.0
      guard place.number(&value) else { return false }
      guard number < width else { return true }
      row[number] = value
      if rules.isCategory(number) {
        let code = rules.code(of: value, column: number)
        row[number] = code
        if code == Cell.unlisted { hasUnlisted = true }
      }
      return true
    }
    var copy = place
    guard let cell = Self.word(&copy, rules, number < width ? number : nil) else { return false }
    place = copy
    guard number < width else { return true }
    row[number] = cell
    if rules.isUnlisted(cell, column: number) { hasUnlisted = true }
    return true
  }

  /// Reads the comma behind a value, and blanks; false where there is none.
  @inline(__always)
  private static func goesOn(_ place: inout ScanCursor) -> Bool {
    if place.byte <= 0x20 { place.skipBlanks() }
    guard place.byte == UInt8(ascii: ",") else { return false }
    place.next &+= 1
    if place.byte <= 0x20 { place.skipBlanks() }
    return true
  }

  /// The features behind the first `step` of the sequence, and the cells of columns that none of them fills.
  @inline(never)
  private mutating func rest(
    _ cursor: inout ScanCursor, after step: Int, _ isOpen: Bool, _ cells: inout [Double], _ hasUnlisted: inout Bool
  ) -> Bool {
    var order = names.sequence.prefix(step).map(\.number)
    names.begin(after: step)
    var row = cells.mutableSpan
    var isOpen = isOpen
    var unknown = 0..<0
    while isOpen {
      var number = names.next(&cursor, &unknown)
      if number < 0 {
        guard number == NameTable.Found.unknown, let other = remember(unknown, cursor) else { return false }
        number = other
      }
      guard value(&cursor, number, &row, &hasUnlisted) else { return false }
      order.append(number)
      isOpen = Self.goesOn(&cursor)
    }
    for column in 0..<width where !names.hasSeen(column) { row[column] = Cell.missing }
    guard order.count <= Limits.features else { return false }
    if order.count >= names.sequence.count {
      names.expect(order)
      isWhole = order.count { $0 < width } == width
    }
    return true
  }

  /// The cell of a value that is not a number, missing without a column; nil where it must be read the long way. Not a
  /// method: that would copy the schema for every value.
  @inline(never)
  private static func word(_ cursor: inout ScanCursor, _ rules: CellRules, _ column: Int?) -> Double? {
    switch cursor.byte {
    case UInt8(ascii: "\""):
      var text = 0..<0
      guard cursor.text(&text), text.count <= Limits.textBytes else { return nil }
      return column.map { rules.cell(of: cursor.slice(text), column: $0) } ?? Cell.missing
    case UInt8(ascii: "n"): return cursor.take(word: ScanCursor.null, count: 4) ? Cell.missing : nil
    case UInt8(ascii: "t"):
      guard cursor.take(word: ScanCursor.true, count: 4) else { return nil }
      return column.map { rules.cell(of: 1, column: $0) } ?? Cell.missing
    case UInt8(ascii: "f"):
      guard cursor.take(word: ScanCursor.false, count: 5) else { return nil }
      return column.map { rules.cell(of: 0, column: $0) } ?? Cell.missing
    default: return nil
    }
  }

  /// Gives an unknown feature a number, so that it can be told when it stands twice. Other spellings of a name count as
  /// the same, which only the long way sees: so ASCII alone.
  @inline(never)
  private mutating func remember(_ name: Range<Int>, _ cursor: ScanCursor) -> Int? {
    let bytes = cursor.slice(name)
    guard names.count < width + Self.otherNames, bytes.isASCII else { return nil }
    return names.learn(Array(bytes))
  }
}

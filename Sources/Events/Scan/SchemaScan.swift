/// What a schema was registered for.
struct SchemaKey {
  let model: [UInt8]
  let version: Int

  @inline(__always)
  func fits(_ model: UnsafeRawBufferPointer, _ version: Int) -> Bool {
    guard version == self.version, model.count == self.model.count else { return false }
    for index in 0..<model.count where model[index] != self.model[index] { return false }
    return true
  }
}

/// What the scanner knows of one schema: its names, and those of other features that its events carry.
struct SchemaScan {
  /// Names beside the schema's that are remembered, so that events with them need not go the long way.
  private static let otherNames = 512

  let width: Int
  /// The columns by number, then the others.
  private(set) var names = NameTable()
  /// Whether the sequence of names holds every column.
  private var isWhole = false
  let isCategory: [Bool]
  let hasCategories: Bool
  /// By column; empty for numbers.
  private let levels: [NameTable]
  /// Lists of names that binary events have brought, and the columns of each.
  var layouts: [BinaryLayout] = []

  init(_ schema: EventSchema) {
    width = schema.columns.count
    levels = schema.columns.map { column in
      var table = NameTable()
      if case .category(let levels) = column.kind { for level in levels { table.append(Array(level.utf8)) } }
      return table
    }
    isCategory = schema.columns.map { $0.kind != .number }
    hasCategories = isCategory.contains(true)
    var known: Set<String> = []
    for column in schema.columns {
      // One that repeats another, in the same spelling or not, is never filled.
      names.append(known.insert(column.name).inserted ? Array(column.name.utf8) : [])
    }
  }

  /// The code of a level, `Cell.unlisted` for one without, `Cell.invalid` for text in a column of numbers.
  func cell(of text: UnsafeRawBufferPointer, column: Int) -> Double {
    guard isCategory[column] else { return Cell.invalid }
    return levels[column].find(text).map(Double.init) ?? Cell.unlisted
  }

  /// The same for a number; what is not finite is missing.
  @inline(__always)
  func cell(of number: Double, column: Int) -> Double {
    number - number != 0 ? Cell.missing : isCategory[column] ? Cell.unlisted : number
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
      case .number(let number): row[column] = cell(of: number, column: column)
      case .category(var text): row[column] = text.withUTF8 { cell(of: UnsafeRawBufferPointer($0), column: column) }
      case .missing: continue
      }
      if isCategory[column], row[column] == Cell.unlisted { hasUnlisted = true }
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
      if hasCategories, isCategory[number] {
        row[number] = Cell.unlisted
        hasUnlisted = true
      }
      return true
    }
    var copy = place
    guard let cell = word(&copy, number) else { return false }
    place = copy
    guard number < width else { return true }
    row[number] = cell
    if isCategory[number], cell == Cell.unlisted { hasUnlisted = true }
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

  /// The cell of a value that is not a number; nil where it must be read the long way.
  @inline(never)
  private func word(_ cursor: inout ScanCursor, _ number: Int) -> Double? {
    switch cursor.byte {
    case UInt8(ascii: "\""):
      var text = 0..<0
      guard cursor.text(&text), text.count <= Limits.textBytes else { return nil }
      return number < width ? cell(of: cursor.slice(text), column: number) : Cell.missing
    case UInt8(ascii: "n"): return cursor.take(word: ScanCursor.null, count: 4) ? Cell.missing : nil
    case UInt8(ascii: "t"):
      guard cursor.take(word: ScanCursor.true, count: 4) else { return nil }
      return number < width ? cell(of: 1, column: number) : Cell.missing
    case UInt8(ascii: "f"):
      guard cursor.take(word: ScanCursor.false, count: 5) else { return nil }
      return number < width ? cell(of: 0, column: number) : Cell.missing
    default: return nil
    }
  }

  /// Gives an unknown feature a number, so that it can be told when it stands twice. Other spellings of a name count as
  /// the same, which only the long way sees: so ASCII alone.
  @inline(never)
  private mutating func remember(_ name: Range<Int>, _ cursor: ScanCursor) -> Int? {
    let bytes = cursor.slice(name)
    guard names.count < width + Self.otherNames, bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
    return names.learn(Array(bytes))
  }
}

/// The fields of a prediction, in the order in which Leeway writes them.
enum PredictionField: String, CaseIterable {
  case id, model, version, time, entity, features, prediction, segments

  static let names: NameTable = {
    var names = NameTable()
    for field in allCases { names.append(Array(field.rawValue.utf8)) }
    return names
  }()
}

extension EventScanner {
  /// Reads the event at the cursor up to the newline behind it; false where it must be read the long way.
  mutating func scan(_ cursor: inout ScanCursor, _ scanned: inout ScannedPrediction) -> Bool {
    let start = cursor.next
    // A second time where the model or the version came behind the features and are not those of the last event.
    for _ in 0..<2 {
      cursor.next = start
      scanned = ScannedPrediction()
      var used = Rows.none
      guard members(&cursor, &scanned, &used) else { return false }
      if case .certain = used { return true }
      scanned.schema = find(cursor.slice(scanned.model), scanned.version)
      if case .none = used { clearRow(of: scanned.schema) }
      if used != .guessed || scanned.schema == current { return true }
      current = scanned.schema
    }
    return false
  }

  /// How the schema of a row was found.
  private enum Rows {
    case none, guessed, certain
  }

  private mutating func members(
    _ cursor: inout ScanCursor, _ scanned: inout ScannedPrediction, _ used: inout Rows
  ) -> Bool {
    cursor.skipBlanks()
    guard cursor.take("{") else { return false }
    fields.begin()
    var unknown = 0..<0
    repeat {
      if cursor.byte <= 0x20 { cursor.skipBlanks() }
      let field = fields.next(&cursor, &unknown)
      let isUsual =
        switch field {
        case 0: cursor.text(&scanned.id) && !scanned.id.isEmpty && scanned.id.count <= Limits.idBytes
        case 1: cursor.text(&scanned.model) && !scanned.model.isEmpty && scanned.model.count <= Limits.nameBytes
        case 2: cursor.version(&scanned.version)
        case 3: cursor.time(&scanned.time)
        case 4: cursor.entity(&scanned.entity)
        case 5: features(&cursor, &scanned, &used)
        case 6: score(&cursor, &scanned)
        case 7: cursor.segments(&scanned.segments)
        case NameTable.Found.unknown: cursor.skipScalar()
        default: false
        }
      guard isUsual else { return false }
      if cursor.byte <= 0x20 { cursor.skipBlanks() }
    } while cursor.take(",")
    guard cursor.take("}") else { return false }
    cursor.skipBlanks()
    let isWhole = !scanned.id.isEmpty && !scanned.model.isEmpty && fields.hasSeen(3)
    return cursor.byte == UInt8(ascii: "\n") && isWhole && (scanned.scoreForm == .none || scanned.version > 0)
  }

  /// The schema is looked for where the model and the version have come already.
  @inline(__always)
  private mutating func features(
    _ cursor: inout ScanCursor, _ scanned: inout ScannedPrediction, _ used: inout Rows
  ) -> Bool {
    used = .guessed
    if fields.hasSeen(1), fields.hasSeen(2) {
      current = find(cursor.slice(scanned.model), scanned.version)
      scanned.schema = current
      used = .certain
    }
    let start = cursor.next
    let isUsual = schemas[current].features(&cursor, &row, &scanned.hasUnlisted)
    scanned.features = Range(uncheckedBounds: (start, cursor.next))
    return isUsual
  }

  @inline(__always)
  private mutating func score(_ cursor: inout ScanCursor, _ scanned: inout ScannedPrediction) -> Bool {
    if cursor.byte &- UInt8(ascii: "0") < 10 || cursor.byte == UInt8(ascii: "-") {
      scanned.scoreForm = .number
      return cursor.number(&scanned.number)
    }
    if cursor.take(word: ScanCursor.null, count: 4) { return true }
    scanned.scoreForm = .other
    return otherScore(&cursor)
  }

  @inline(never)
  private mutating func otherScore(_ cursor: inout ScanCursor) -> Bool {
    var text = 0..<0
    if cursor.byte == UInt8(ascii: "\"") {
      guard cursor.text(&text), text.count <= Limits.textBytes else { return false }
      otherScore = .category(String(decoding: cursor.slice(text), as: UTF8.self))
      return true
    }
    guard cursor.byte == UInt8(ascii: "[") else { return false }
    var values: [Double] = []
    repeat {
      cursor.next &+= 1
      cursor.skipBlanks()
      var value = 0.0
      guard values.count < Limits.probabilities, cursor.number(&value) else { return false }
      values.append(value)
      cursor.skipBlanks()
    } while cursor.byte == UInt8(ascii: ",")
    otherScore = .probabilities(values)
    return cursor.take("]")
  }
}

extension ScanCursor {
  /// A version; 0 for null.
  @inline(__always)
  fileprivate mutating func version(_ version: inout Int) -> Bool {
    if byte == UInt8(ascii: "n") { return take(word: Self.null, count: 4) }
    var value: Int64 = 0
    guard integer(&value), value >= 1 else { return false }
    version = Int(value)
    return true
  }

  @inline(__always)
  fileprivate mutating func time(_ time: inout Milliseconds) -> Bool {
    if byte == UInt8(ascii: "\"") {
      var text = 0..<0
      guard self.text(&text), let value = RFC3339.parse(slice(text)) else { return false }
      time = value
      return true
    }
    return integer(&time) && time >= Limits.earliestTime && time <= Limits.latestTime
  }

  @inline(__always)
  fileprivate mutating func entity(_ entity: inout Range<Int>) -> Bool {
    if byte == UInt8(ascii: "n") { return take(word: Self.null, count: 4) }
    return text(&entity) && !entity.isEmpty && entity.count <= Limits.idBytes
  }

  /// Few segments with names in ASCII: their names are compared one by one.
  fileprivate mutating func segments(_ segments: inout Range<Int>) -> Bool {
    if take(word: Self.null, count: 4) { return true }
    let start = next
    guard take("{") else { return false }
    var names = InlineArray<8, Range<Int>>(repeating: 0..<0)
    var count = 0
    skipBlanks()
    while byte == UInt8(ascii: "\"") {
      var name = 0..<0
      var text = 0..<0
      guard count < names.count, self.text(&name), !name.isEmpty, name.count <= Limits.nameBytes else { return false }
      let bytes = slice(name)
      guard bytes.isASCII else { return false }
      for index in 0..<count where slice(names[index]).equals(bytes) { return false }
      names[count] = name
      count += 1
      skipBlanks()
      guard take(":") else { return false }
      skipBlanks()
      guard self.text(&text), text.count <= Limits.textBytes else { return false }
      skipBlanks()
      guard byte == UInt8(ascii: ",") else { break }
      next &+= 1
      skipBlanks()
      guard byte == UInt8(ascii: "\"") else { return false }
    }
    guard take("}") else { return false }
    segments = start..<next
    return true
  }

  /// The value of a field that is not known.
  @inline(never)
  fileprivate mutating func skipScalar() -> Bool {
    var text = 0..<0
    var value = 0.0
    switch byte {
    case UInt8(ascii: "\""): return self.text(&text)
    case UInt8(ascii: "n"): return take(word: Self.null, count: 4)
    case UInt8(ascii: "t"): return take(word: Self.true, count: 4)
    case UInt8(ascii: "f"): return take(word: Self.false, count: 5)
    default: return number(&value)
    }
  }
}

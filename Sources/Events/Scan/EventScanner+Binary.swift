import Bytes

/// A list of names as binary events carry it, and the column of each.
struct BinaryLayout {
  let names: [UInt8]
  /// -1 for a feature that is not a column.
  let columns: [Int32]
  /// Whether the features are the columns, in their order.
  let isWhole: Bool

  @inline(__always)
  func matches(_ names: UnsafeRawBufferPointer, _ count: Int) -> Bool {
    columns.count == count && self.names.withUnsafeBytes { $0.equals(names) }
  }
}

extension EventScanner {
  mutating func scanBinary(_ bytes: ByteSlice) throws(EventError) -> ScannedPrediction {
    var scanned = ScannedPrediction()
    let isUsual = try bytes.withUnsafeBufferPointer { pointer throws(EventError) in
      let buffer = UnsafeRawBufferPointer(pointer)
      let header = try BinaryHeader(buffer)
      guard header.kind <= 1 else { return false }
      scanned.form = .binary
      (scanned.id, scanned.model, scanned.entity) = (header.id, header.model, header.entity)
      (scanned.version, scanned.time) = (header.version, header.time)
      if header.kind == 1 { (scanned.scoreForm, scanned.number) = (.number, header.number) }
      scanned.schema = find(buffer.part(header.model), header.version)
      current = scanned.schema
      return try schemas[current].fill(&row, bytes, buffer, header, &scanned.hasUnlisted)
    }
    return isUsual ? scanned : try scanWhole(bytes)
  }
}

extension SchemaScan {
  /// Lists of names that are remembered with a schema: as many producers may differ in their order of features.
  private static let mostLayouts = 8

  /// Fills the row of a binary event; false where it must be read the long way.
  @inline(__always)
  fileprivate mutating func fill(
    _ row: inout [Double], _ bytes: ByteSlice, _ buffer: UnsafeRawBufferPointer, _ header: BinaryHeader,
    _ hasUnlisted: inout Bool
  ) throws(EventError) -> Bool {
    let names = buffer.part(header.names)
    var number = layouts.count - 1
    while number >= 0, !layouts[number].matches(names, header.features) { number -= 1 }
    if number < 0 { number = try makeLayout(bytes, buffer, header) }
    if layouts[number].isWhole, !rules.hasCategories {
      var cells = row.mutableSpan
      for column in 0..<width {
        let value = buffer.double(column)
        cells[column] = value - value == 0 ? value : Cell.missing
      }
    } else {
      fill(&row, buffer, header, layouts[number])
    }
    if !header.texts.isEmpty {
      var walk = BinaryTextWalk(buffer, header)
      let texts = walk.integer(UInt16.self)
      guard texts == 0 || Self.fill(&row, texts, from: &walk, rules, layouts[number].columns), walk.segments(),
        walk.isAtEnd
      else { return false }
    }
    hasUnlisted = rules.hasUnlisted(row)
    return true
  }

  @inline(never)
  private mutating func makeLayout(
    _ bytes: ByteSlice, _ buffer: UnsafeRawBufferPointer, _ header: BinaryHeader
  ) throws(EventError) -> Int {
    let columns = try BinaryEvent.names(bytes, header).map { name in
      var name = name
      return name.withUTF8 { column(of: UnsafeRawBufferPointer($0)) }.map { Int32($0) } ?? -1
    }
    let isWhole = columns.elementsEqual((0..<width).map { Int32($0) })
    if layouts.count == Self.mostLayouts { layouts.removeFirst() }
    layouts.append(BinaryLayout(names: Array(buffer[header.names]), columns: columns, isWhole: isWhole))
    return layouts.count - 1
  }

  // Mutating, though nothing changes: a call that borrows the whole struct from its array would copy it first.
  @inline(never)
  private mutating func fill(
    _ row: inout [Double], _ buffer: UnsafeRawBufferPointer, _ header: BinaryHeader, _ layout: BinaryLayout
  ) {
    if !layout.isWhole { for column in 0..<width { row[column] = Cell.missing } }
    var cells = row.mutableSpan
    for place in 0..<header.features {
      let column = layout.isWhole ? place : Int(layout.columns[place])
      guard column >= 0 else { continue }
      cells[column] = rules.cell(of: buffer.double(place), column: column)
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The value of a feature.
  @inline(__always)
  fileprivate func double(_ place: Int) -> Double {
    let bits = loadUnaligned(fromByteOffset: BinaryEvent.headerBytes &+ 8 &* place, as: UInt64.self)
    return Double(bitPattern: UInt64(littleEndian: bits))
  }
}

extension SchemaScan {
  /// Fills the cells of features with text; false where they must be read the long way.
  @inline(never)
  private static func fill(
    _ row: inout [Double], _ count: UInt16, from walk: inout BinaryTextWalk, _ rules: CellRules, _ columns: [Int32]
  ) -> Bool {
    var text = 0..<0
    var last = -1
    for _ in 0..<count {
      let place = Int(walk.integer(UInt16.self))
      let size = Int(walk.integer(UInt32.self))
      guard place > last, place < columns.count, walk.text(&text, size: size, atMost: Limits.textBytes) else {
        return false
      }
      last = place
      let column = Int(columns[place])
      guard column >= 0 else { continue }
      row[column] = rules.cell(of: walk.bytes.part(text), column: column)
    }
    return true
  }
}

/// Goes through the texts of a binary event without taking anything out; what is unusual gives false.
private struct BinaryTextWalk {
  let bytes: UnsafeRawBufferPointer
  private var next: Int
  private let end: Int
  private let isASCII: Bool

  var isAtEnd: Bool { next == end }

  init(_ bytes: UnsafeRawBufferPointer, _ header: BinaryHeader) {
    self.bytes = bytes
    (next, end) = (header.texts.lowerBound, header.texts.upperBound)
    isASCII = header.isASCII
  }

  /// 0 where the part is too short, and the walk never ends at its end then.
  @inline(__always)
  mutating func integer<T: FixedWidthInteger>(_ type: T.Type) -> T {
    let size = MemoryLayout<T>.size
    guard end - next >= size else {
      next = end + 1
      return 0
    }
    defer { next += size }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: next, as: T.self))
  }

  @inline(__always)
  mutating func text(_ range: inout Range<Int>, size: Int, atMost limit: Int) -> Bool {
    guard size <= limit, end - next >= size else { return false }
    range = next..<next + size
    next += size
    return isASCII || bytes.part(range).isUTF8
  }

  /// Few segments with names in ASCII: their names are compared one by one.
  @inline(__always)
  mutating func segments() -> Bool {
    let count = Int(integer(UInt16.self))
    var names = InlineArray<8, Range<Int>>(repeating: 0..<0)
    guard count <= names.count else { return false }
    for index in 0..<count {
      var (name, value) = (0..<0, 0..<0)
      let size = Int(integer(UInt16.self))
      guard size > 0, text(&name, size: size, atMost: Limits.nameBytes) else { return false }
      guard isASCII || bytes.part(name).isASCII else { return false }
      for other in 0..<index where bytes.part(names[other]).equals(bytes.part(name)) { return false }
      names[index] = name
      let valueSize = Int(integer(UInt32.self))
      guard text(&value, size: valueSize, atMost: Limits.textBytes) else { return false }
    }
    return true
  }
}

import Bytes

/// A list of names as binary events carry it, and the column of each.
struct BinaryLayout {
  let names: [UInt8]
  /// -1 for a feature that is not a column.
  let columns: [Int32]
  /// Whether the features are the columns, in their order.
  let isWhole: Bool

  @inline(__always)
  func matches(_ other: UnsafeRawBufferPointer) -> Bool {
    guard other.count == names.count else { return false }
    return names.withUnsafeBytes { names in
      var position = 0
      while position &+ 8 <= names.count {
        let (left, right) = (
          names.loadUnaligned(fromByteOffset: position, as: UInt64.self),
          other.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        )
        if left != right { return false }
        position &+= 8
      }
      return names[position...].elementsEqual(other[position...])
    }
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
      let model = UnsafeRawBufferPointer(rebasing: buffer[header.model])
      scanned.schema = find(model, header.version)
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
    let names = UnsafeRawBufferPointer(rebasing: buffer[header.names])
    var number = layouts.count - 1
    while number >= 0, layouts[number].columns.count != header.features || !layouts[number].matches(names) {
      number -= 1
    }
    if number < 0 { number = try makeLayout(bytes, buffer, header) }
    if layouts[number].isWhole, !hasCategories {
      var cells = row.mutableSpan
      for column in 0..<width {
        let value = buffer.double(column)
        cells[column] = value - value == 0 ? value : Cell.missing
      }
    } else {
      fill(&row, buffer, header, layouts[number])
    }
    if !header.texts.isEmpty, !fill(&row, texts: buffer, header, layouts[number]) { return false }
    if hasCategories { hasUnlisted = isCategory.indices.contains { isCategory[$0] && row[$0] == Cell.unlisted } }
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
      cells[column] = cell(of: buffer.double(place), column: column)
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
  /// Fills the cells of features with text, and looks the segments through; false where they must be read the long way.
  @inline(never)
  fileprivate mutating func fill(
    _ row: inout [Double], texts buffer: UnsafeRawBufferPointer, _ header: BinaryHeader, _ layout: BinaryLayout
  ) -> Bool {
    var walk = BinaryTextWalk(bytes: buffer, next: header.texts.lowerBound, end: header.texts.upperBound)
    var text = 0..<0
    var last = -1
    for _ in 0..<walk.integer(UInt16.self) {
      let place = Int(walk.integer(UInt16.self))
      let size = Int(walk.integer(UInt32.self))
      guard place > last, place < header.features, walk.text(&text, size: size, atMost: Limits.textBytes) else {
        return false
      }
      last = place
      let column = Int(layout.columns[place])
      guard column >= 0 else { continue }
      row[column] = cell(of: UnsafeRawBufferPointer(rebasing: buffer[text]), column: column)
    }
    return walk.segments() && walk.next == walk.end
  }
}

/// Goes through the texts of a binary event without taking anything out; what is unusual gives false.
private struct BinaryTextWalk {
  let bytes: UnsafeRawBufferPointer
  var next: Int
  let end: Int

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
    return BinaryHeader.isUTF8(bytes, range)
  }

  /// Few segments with names in ASCII: their names are compared one by one.
  mutating func segments() -> Bool {
    let count = Int(integer(UInt16.self))
    var names = InlineArray<8, Range<Int>>(repeating: 0..<0)
    guard count <= names.count else { return false }
    for index in 0..<count {
      let size = Int(integer(UInt16.self))
      guard size > 0, text(&names[index], size: size, atMost: Limits.nameBytes) else { return false }
      let name = bytes[names[index]]
      guard name.allSatisfy({ $0 < 0x80 }) else { return false }
      for other in 0..<index where bytes[names[other]].elementsEqual(name) { return false }
      let valueSize = Int(integer(UInt32.self))
      var value = 0..<0
      guard text(&value, size: valueSize, atMost: Limits.textBytes) else { return false }
    }
    return true
  }
}

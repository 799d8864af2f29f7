/// The fields that a record's object may hold, by their names on the wire.
struct FieldTable<Field: CaseIterable & RawRepresentable<String> & Sendable>: Sendable {
  private struct Name: Sendable {
    let utf8: [UInt8]
    /// The first eight bytes, little-endian, with zeros behind a shorter name.
    let head: UInt64
  }

  let cases: [Field]
  private let names: [Name]

  init() {
    cases = Array(Field.allCases)
    names = cases.map { field in
      let utf8 = Array(field.rawValue.utf8)
      let head = utf8.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64($1.offset * 8) }
      return Name(utf8: utf8, head: head)
    }
  }

  /// The field of a name, whose first eight bytes are also given as `head`; `expected` is tried first, because most
  /// producers keep one order.
  @inline(__always)
  func index(of name: UnsafeRawBufferPointer, head: UInt64, expected: Int) -> Int? {
    if expected < names.count, matches(names[expected], name, head) { return expected }
    return names.firstIndex { matches($0, name, head) }
  }

  @inline(__always)
  private func matches(_ field: Name, _ name: UnsafeRawBufferPointer, _ head: UInt64) -> Bool {
    field.head == head && field.utf8.count == name.count && (name.count <= 8 || field.utf8.elementsEqual(name))
  }
}

/// Reads the members of one object in any order: gives the known fields one by one, reads over the others, and refuses
/// a known field that stands twice.
struct ObjectReader<Field: CaseIterable & RawRepresentable<String> & Sendable> {
  private let table: FieldTable<Field>
  private let position: Int
  private var isFirst = true
  private var expected = 0
  private var seen: UInt64 = 0

  @inline(__always)
  init(_ table: FieldTable<Field>, _ scanner: inout JSONScanner) throws(EventError) {
    self.table = table
    try scanner.open(UInt8(ascii: "{"), "an object")
    position = scanner.next - 1
  }

  /// The next known field, whose value the caller must read; `nil` behind the last.
  @inline(__always)
  mutating func next(_ scanner: inout JSONScanner) throws(EventError) -> Field? {
    while try scanner.more(&isFirst, until: UInt8(ascii: "}")) {
      let start = scanner.next
      let token = try scanner.name()
      guard let index = try index(of: token, scanner) else {
        try scanner.skip()
        continue
      }
      let bit = UInt64(1) << UInt64(index)
      if seen & bit != 0 { throw EventError(.duplicateField, at: start, "stands twice") }
      seen |= bit
      expected = index + 1
      return table.cases[index]
    }
    return nil
  }

  @inline(__always)
  private func index(of token: TextToken, _ scanner: JSONScanner) throws(EventError) -> Int? {
    if token.isASCII, !token.isEscaped {
      return table.index(of: scanner.slice(token.range), head: scanner.head(token.range), expected: expected)
    }
    let name = try scanner.string(token)
    return table.cases.firstIndex { $0.rawValue == name }
  }

  /// The value of a field that must be there.
  @inline(__always)
  func need<T>(_ field: Field, _ value: T?) throws(EventError) -> T {
    guard let value else { throw missing(field) }
    return value
  }

  func missing(_ field: Field) -> EventError {
    EventError(.missingField, at: position, "is missing", missing: field.rawValue)
  }
}

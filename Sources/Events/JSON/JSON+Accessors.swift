extension JSON {
  /// The field of an object; `nil` where it is absent or null, and where this is not an object.
  public subscript(name: String) -> JSON? {
    guard case .object(let members) = value, let member = members.first(where: { $0.name == name }) else { return nil }
    if case .null = member.value.value { return nil }
    return member.value
  }

  /// The field of an object, which must be there. A null is handed out: the accessors refuse it as `null_value`.
  public func need(_ name: String) throws(EventError) -> JSON {
    guard case .object(let members) = value else { throw mismatch("an object") }
    guard let member = members.first(where: { $0.name == name }) else {
      throw EventError(.missingField, at: position, "is missing", missing: name)
    }
    return member.value
  }

  /// The members of an object, in the order of the text.
  public func members() throws(EventError) -> [Member] {
    guard case .object(let members) = value else { throw mismatch("an object") }
    return members
  }

  public func text() throws(EventError) -> String {
    guard case .text(let text) = value else { throw mismatch("text") }
    return text
  }

  /// A text that names something: not empty.
  public func identifier() throws(EventError) -> String {
    let text = try text()
    if text.isEmpty { throw EventError(.emptyID, at: position, "must not be empty") }
    return text
  }

  /// One word of a closed list.
  public func word<T: RawRepresentable<String> & CaseIterable>(_ type: T.Type = T.self) throws(EventError) -> T {
    let text = try text()
    guard let word = T(rawValue: text) else {
      let known = T.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
      throw EventError(.unknownKind, at: position, "`\(text.prefix(64))` is none of \(known)")
    }
    return word
  }

  public func bool() throws(EventError) -> Bool {
    guard case .bool(let bool) = value else { throw mismatch("true or false") }
    return bool
  }

  /// A finite number.
  public func number() throws(EventError) -> Double {
    switch value {
    case .number(let number): return number
    case .integer(let integer): return Double(integer)
    case .unsigned(let unsigned): return Double(unsigned)
    default: throw mismatch("a number")
    }
  }

  /// A number that is written as `null` where it is not finite: NaN for null.
  public func figure() throws(EventError) -> Double {
    if case .null = value { return .nan }
    return try number()
  }

  /// A whole number of 64 bits, exact; `5.0` is whole too, as in JSON Schema.
  public func integer(atLeast least: Int64 = .min) throws(EventError) -> Int64 {
    let integer = try wholeNumber(Int64.self)
    if integer < least { throw EventError(.outOfRange, at: position, "\(integer), at least \(least) expected") }
    return integer
  }

  public func unsigned() throws(EventError) -> UInt64 { try wholeNumber() }

  /// Counts, and numbers of partitions and rows.
  public func count() throws(EventError) -> Int { Int(try integer(atLeast: 0)) }

  public func version() throws(EventError) -> Int { Int(try integer(atLeast: 1)) }

  public func list<T>(_ element: (JSON) throws(EventError) -> T) throws(EventError) -> [T] {
    guard case .array(let elements) = value else { throw mismatch("an array") }
    var list: [T] = []
    list.reserveCapacity(elements.count)
    for json in elements { list.append(try element(json)) }
    return list
  }

  private func wholeNumber<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(EventError) -> T {
    let whole: T?
    switch value {
    case .integer(let integer): whole = T(exactly: integer)
    case .unsigned(let unsigned): whole = T(exactly: unsigned)
    case .number(let number):
      let integer = Decimal.whole(number)
      if integer == nil, number.magnitude < 0x1p53 { throw mismatch("a whole number") }
      whole = integer.flatMap { T(exactly: $0) }
    default: throw mismatch("a whole number")
    }
    guard let whole else {
      throw EventError(.outOfRange, at: position, "expected a whole number from \(T.min) to \(T.max)")
    }
    return whole
  }

  private func mismatch(_ expected: String) -> EventError {
    let (code, found): (EventError.Code, String) =
      switch value {
      case .null: (.nullValue, "null")
      case .bool: (.wrongType, "true or false")
      case .integer, .unsigned: (.wrongType, "a whole number")
      case .number: (.wrongType, "a number")
      case .text: (.wrongType, "text")
      case .array: (.wrongType, "an array")
      case .object: (.wrongType, "an object")
      }
    return EventError(code, at: position, "expected \(expected), found \(found)")
  }
}

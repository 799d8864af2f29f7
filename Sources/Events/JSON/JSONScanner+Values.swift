extension JSONScanner {
  @inline(__always)
  mutating func bool() throws(EventError) -> Bool {
    skipBlanks()
    switch current {
    case UInt8(ascii: "t"):
      try word("true")
      return true
    case UInt8(ascii: "f"):
      try word("false")
      return false
    default: throw mismatch("true or false")
    }
  }

  mutating func null() throws(EventError) {
    skipBlanks()
    try word("null")
  }

  /// Reads over `null` where it comes next.
  @inline(__always)
  mutating func skipNull() throws(EventError) -> Bool {
    skipBlanks()
    guard current == UInt8(ascii: "n") else { return false }
    try word("null")
    return true
  }

  private mutating func word(_ word: StaticString) throws(EventError) {
    for index in 0..<word.utf8CodeUnitCount {
      guard current == word.utf8Start[index] else { throw unexpected("`\(word)`") }
      next += 1
    }
  }

  /// A text of at most `limit` UTF-8 bytes.
  @inline(__always)
  mutating func text(atMost limit: Int = .max) throws(EventError) -> String {
    skipBlanks()
    guard current == UInt8(ascii: "\"") else { throw mismatch("text") }
    let start = next
    return try string(try textToken(), atMost: limit, at: start)
  }

  @inline(__always)
  func string(_ token: TextToken, atMost limit: Int, at start: Int) throws(EventError) -> String {
    let text = try string(token)
    if token.range.count > limit, text.utf8.count > limit {
      throw EventError(.tooLarge, at: start, "text of \(text.utf8.count) bytes, \(limit) at most")
    }
    return text
  }

  /// A text that names something: not empty.
  @inline(__always)
  mutating func identifier(atMost limit: Int = Limits.nameBytes) throws(EventError) -> String {
    skipBlanks()
    let start = next
    let text = try text(atMost: limit)
    if text.isEmpty { throw EventError(.emptyID, at: start, "must not be empty") }
    return text
  }

  @inline(__always)
  mutating func number() throws(EventError) -> Double {
    guard try peek() == .number else { throw mismatch("a number") }
    return try double(try numberToken())
  }

  /// A number that is written as `null` where it is not finite.
  @inline(__always)
  mutating func figure() throws(EventError) -> Double {
    try skipNull() ? .nan : try number()
  }

  /// A whole number of 64 bits, exact; `5.0` and `5e0` are whole too, as in JSON Schema.
  @inline(__always)
  mutating func integer() throws(EventError) -> Int64 {
    guard try peek() == .number else { throw mismatch("a whole number") }
    let token = try numberToken()
    if token.isInteger, token.isExact, token.mantissa <= UInt64(Int64.max) {
      return token.isNegative ? -Int64(token.mantissa) : Int64(token.mantissa)
    }
    return try unusualInteger(token)
  }

  @inline(never)
  private func unusualInteger(_ token: NumberToken) throws(EventError) -> Int64 {
    let start = token.range.lowerBound
    if token.isInteger {
      if token.isExact, token.isNegative, token.mantissa == 1 << 63 { return .min }
      throw EventError(.outOfRange, at: start, "a whole number beyond 64 bits")
    }
    let value = try double(token)
    if let whole = Decimal.whole(value) { return whole }
    throw value.magnitude < 0x1p53
      ? EventError(.wrongType, at: start, "expected a whole number")
      : EventError(.outOfRange, at: start, "a whole number beyond 64 bits")
  }

  /// A whole number of at least `least`.
  @inline(__always)
  mutating func integer(atLeast least: Int64) throws(EventError) -> Int64 {
    skipBlanks()
    let start = next
    let value = try integer()
    if value < least { throw EventError(.outOfRange, at: start, "\(value), at least \(least) expected") }
    return value
  }

  /// Counts, and numbers of partitions and rows.
  @inline(__always)
  mutating func count() throws(EventError) -> Int { Int(try integer(atLeast: 0)) }

  /// The number of an example in its partition, or of the next one.
  mutating func exampleNumber() throws(EventError) -> Int64 {
    let start = next
    let number = try integer(atLeast: 0)
    guard number <= Limits.exampleNumber else {
      throw EventError(.outOfRange, at: start, "\(number), at most \(Limits.exampleNumber) expected")
    }
    return number
  }

  @inline(__always)
  mutating func version() throws(EventError) -> Int { Int(try integer(atLeast: 1)) }

  /// The time of an event from outside: epoch milliseconds or RFC 3339 text, from year 1 to year 9999.
  @inline(__always)
  mutating func time() throws(EventError) -> Milliseconds {
    let kind = try peek()
    let start = next
    if kind == .number {
      let value = try integer()
      guard value >= Limits.earliestTime, value <= Limits.latestTime else {
        throw EventError(.badTime, at: start, "\(value) ms is not between year 1 and year 9999")
      }
      return value
    }
    guard kind == .text else { throw mismatch("a time: epoch milliseconds or RFC 3339 text") }
    let token = try textToken()
    try check(token)
    guard let value = RFC3339.parse(slice(token.range)) else {
      throw EventError(.badTime, at: start, "expected RFC 3339, such as 2025-11-05T12:27:58.901Z")
    }
    return value
  }
}

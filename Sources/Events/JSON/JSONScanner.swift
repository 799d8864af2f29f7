import Bytes

/// Reads one JSON text (RFC 8259, strictly) token by token, without building anything that the caller does not ask for.
/// Positions count from the first byte. Nothing recurses with the input, every access is checked, and errors carry a
/// position only: `read` adds the path.
struct JSONScanner {
  enum Kind: String {
    case object = "an object"
    case array = "an array"
    case text
    case number = "a number"
    case bool = "true or false"
    case null
  }

  /// Borrowed for the duration of `read`. A stored array costs a reference count per call and twice the time; so all
  /// access goes through `current`, `subscript` and `word`, which check their bounds in release mode too.
  private let bytes: UnsafeRawBufferPointer
  let end: Int
  /// The position of the next byte to read.
  var next = 0
  private(set) var depth = 0

  private init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    end = bytes.count
  }

  /// Reads `bytes` from end to end with `body`; errors come out with their paths.
  @inline(__always)
  static func read<T>(
    _ bytes: ByteSlice, _ body: (inout JSONScanner) throws(EventError) -> T
  ) throws(EventError) -> T {
    guard bytes.count <= Limits.recordBytes else {
      throw EventError(.tooLarge, at: 0, "\(bytes.count) bytes, \(Limits.recordBytes) at most")
    }
    let result = bytes.withUnsafeBytes { buffer in
      var scanner = JSONScanner(buffer)
      return scanner.whole(body)
    }
    switch result {
    case .success(let value): return value
    case .failure(let error): throw error.located(in: bytes)
    }
  }

  @inline(__always)
  private mutating func whole<T>(
    _ body: (inout JSONScanner) throws(EventError) -> T
  ) -> Result<T, EventError> {
    do {
      let value = try body(&self)
      try finish()
      return .success(value)
    } catch {
      return .failure(error)
    }
  }

  /// Throws unless only blanks are left.
  mutating func finish() throws(EventError) {
    skipBlanks()
    guard next == end else { throw unexpected("nothing after the value") }
  }
}

// MARK: - Position and errors

extension JSONScanner {
  /// The byte at `next`; 0, which is nowhere legal, at the end.
  @inline(__always)
  var current: UInt8 { next < end ? bytes[next] : 0 }

  @inline(__always)
  subscript(position: Int) -> UInt8 {
    precondition(position >= 0 && position < end)
    return bytes[position]
  }

  /// Eight bytes from `position` on, the first in the lowest place.
  @inline(__always)
  func word(at position: Int) -> UInt64 { UInt64(littleEndian: load(UInt64.self, at: position)) }

  /// The same, with zeros behind the end.
  @inline(__always)
  func paddedWord(at position: Int) -> UInt64 {
    position <= end - 8 ? word(at: position) : head(min(position, end)..<end)
  }

  /// As many bytes as the type has, in the order in which they lie.
  @inline(__always)
  func load<T: BitwiseCopyable>(_ type: T.Type, at position: Int) -> T {
    precondition(position >= 0 && position <= end - MemoryLayout<T>.size)
    return bytes.loadUnaligned(fromByteOffset: position, as: T.self)
  }

  @inline(__always)
  func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    precondition(range.lowerBound >= 0 && range.upperBound <= end)
    return UnsafeRawBufferPointer(rebasing: bytes[range])
  }

  @inline(__always)
  mutating func skipBlanks() {
    while next < end {
      let byte = bytes[next]
      guard byte <= 0x20, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
      next += 1
    }
  }

  func failure(_ code: EventError.Code, _ reason: String) -> EventError {
    EventError(code, at: next, reason)
  }

  /// The text is not JSON here, or it stops.
  func unexpected(_ expected: String) -> EventError {
    guard next < end else {
      return failure(.truncated, "the text ends where there should be \(expected)")
    }
    let byte = bytes[next]
    let shown = byte > 0x20 && byte < 0x7f ? "`\(Character(Unicode.Scalar(byte)))`" : "byte \(byte)"
    return failure(.notJSON, "\(shown) where there should be \(expected)")
  }

  /// The value that comes next is well and good, but not what its field takes.
  mutating func mismatch(_ expected: String) -> EventError {
    do {
      let kind = try peek()
      guard kind == .null else { return failure(.wrongType, "expected \(expected), found \(kind.rawValue)") }
      let start = next
      try null()
      next = start
      return failure(.nullValue, "expected \(expected), found \(kind.rawValue)")
    } catch {
      return error
    }
  }
}

// MARK: - Structure

extension JSONScanner {
  /// What kind of value comes next, judged by its first byte.
  @inline(__always)
  mutating func peek() throws(EventError) -> Kind {
    skipBlanks()
    switch current {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .text
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    default: throw notAValue()
    }
  }

  private func notAValue() -> EventError {
    let rest = bytes[min(next, end)...].prefix(8)
    if rest.starts(with: "NaN".utf8) || rest.starts(with: "Infinity".utf8) {
      return failure(.notJSON, "JSON has no NaN and no Infinity: write null")
    }
    return unexpected("a value")
  }

  @inline(__always)
  mutating func open(_ bracket: UInt8, _ expected: String) throws(EventError) {
    skipBlanks()
    guard current == bracket else { throw mismatch(expected) }
    try deepen()
  }

  @inline(__always)
  private mutating func deepen() throws(EventError) {
    guard depth < Limits.depth else { throw failure(.tooDeep, "more than \(Limits.depth) objects and arrays deep") }
    depth += 1
    next += 1
  }

  /// True where another member follows; else the closing bracket has been read.
  @inline(__always)
  mutating func more(_ first: inout Bool, until bracket: UInt8) throws(EventError) -> Bool {
    skipBlanks()
    let byte = current
    if byte == bracket {
      depth -= 1
      next += 1
      return false
    }
    if first {
      first = false
      return true
    }
    guard byte == UInt8(ascii: ",") else { throw unexpected("a comma or the end") }
    next += 1
    skipBlanks()
    return true
  }

  /// Reads a member's name up to and with the colon.
  @inline(__always)
  mutating func name() throws(EventError) -> TextToken {
    guard current == UInt8(ascii: "\"") else { throw unexpected("a name in quotes") }
    let token = try textToken()
    skipBlanks()
    guard current == UInt8(ascii: ":") else { throw unexpected("a colon") }
    next += 1
    return token
  }

  /// Reads an array, element by element.
  ///
  /// - Parameter isUniform: elements take many bytes, all about as many: behind the first there is room at once for as many
  ///   as the rest of the text can hold.
  @inline(__always)
  mutating func array<T>(
    atMost limit: Int = .max, isUniform: Bool = false, _ element: (inout JSONScanner) throws(EventError) -> T
  ) throws(EventError) -> [T] {
    try open(UInt8(ascii: "["), "an array")
    var elements: [T] = []
    var first = true
    while try more(&first, until: UInt8(ascii: "]")) {
      guard elements.count < limit else { throw failure(.tooLarge, "more than \(limit) elements") }
      let start = next
      elements.append(try element(&self))
      if isUniform, elements.count == 1 { elements.reserveCapacity(1 + (end - next) / (next - start)) }
    }
    return elements
  }

  /// Reads over one value of any kind, which must be well-formed.
  mutating func skip() throws(EventError) {
    var isObject: UInt64 = 0
    let floor = depth
    var first = false
    repeat {
      if depth > floor {
        let inObject = isObject & 1 == 1
        guard try more(&first, until: inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
          isObject >>= 1
          first = false
          continue
        }
        if inObject { try check(try name()) }
      }
      let kind = try peek()
      if kind == .object || kind == .array {
        try deepen()
        isObject = isObject << 1 | (kind == .object ? 1 : 0)
        first = true
      } else {
        try skipScalar(kind)
      }
    } while depth > floor
  }

  private mutating func skipScalar(_ kind: Kind) throws(EventError) {
    switch kind {
    case .text: try check(try textToken())
    case .number: _ = try numberToken()
    case .bool: _ = try bool()
    default: try null()
    }
  }
}

/// What is wrong with bytes that could not be read.
public struct ByteError: Error, Equatable, Sendable, CustomStringConvertible {
  public let reason: String
  /// Position of the first byte that could not be used, counted from the start of the bytes being read.
  public let position: Int

  public init(_ reason: String, at position: Int) {
    self.reason = reason
    self.position = position
  }

  public var description: String { "\(reason) at byte \(position)" }
}

/// Reads what `ByteWriter` wrote. Every length is checked against the bytes that are left before anything is
/// allocated, so hostile bytes cost an error and nothing else.
public struct ByteReader {
  /// Elements that room is made for before they are read.
  private static let allotted = 256

  private let bytes: ByteSlice
  private var next: Int

  public init(_ bytes: ByteSlice) {
    self.bytes = bytes
    next = bytes.startIndex
  }

  public init(_ bytes: [UInt8]) {
    self.init(bytes[...])
  }

  public var remaining: Int { bytes.endIndex - next }
  public var position: Int { next - bytes.startIndex }

  public func failure(_ reason: String) -> ByteError {
    ByteError(reason, at: position)
  }

  /// Throws unless everything has been read.
  public func expectEnd() throws(ByteError) {
    if remaining != 0 { throw failure("\(remaining) bytes too many") }
  }

  public mutating func byte() throws(ByteError) -> UInt8 {
    guard next < bytes.endIndex else { throw failure("cut short") }
    defer { next += 1 }
    return bytes[next]
  }

  public mutating func bool() throws(ByteError) -> Bool {
    switch try byte() {
    case 0: false
    case 1: true
    default: throw failure("neither true nor false")
    }
  }

  public mutating func fixed<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(ByteError) -> T {
    let slice = try raw(MemoryLayout<T>.size)
    var value: T = 0
    withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: slice) }
    return T(littleEndian: value)
  }

  public mutating func double() throws(ByteError) -> Double {
    Double(bitPattern: try fixed(UInt64.self))
  }

  public mutating func varint() throws(ByteError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      let low = UInt64(byte & 0x7f)
      guard shift < 63 || (shift == 63 && low <= 1) else { throw failure("integer longer than 64 bits") }
      value |= low << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  public mutating func signed() throws(ByteError) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A count of things of at least `size` bytes each that must still follow.
  public mutating func count(ofAtLeast size: Int = 1) throws(ByteError) -> Int {
    let value = try varint()
    guard value <= UInt64(remaining / max(size, 1)) else {
      throw failure("a count of \(value) with \(remaining) bytes left")
    }
    return Int(value)
  }

  /// An index or number that is not a count of what follows.
  public mutating func index() throws(ByteError) -> Int {
    let value = try varint()
    guard value <= UInt64(Int.max) else { throw failure("an index of \(value)") }
    return Int(value)
  }

  /// The same, at most `most`.
  public mutating func index(upTo most: Int) throws(ByteError) -> Int {
    let value = try index()
    guard value <= most else { throw failure("\(value), where \(most) is the most") }
    return value
  }

  public mutating func raw(_ count: Int) throws(ByteError) -> ByteSlice {
    guard count >= 0, count <= remaining else { throw failure("\(count) bytes wanted, \(remaining) left") }
    defer { next += count }
    return bytes[next..<next + count]
  }

  public mutating func slice() throws(ByteError) -> ByteSlice {
    try raw(try count())
  }

  public mutating func string() throws(ByteError) -> String {
    let slice = try slice()
    guard let text = String(validating: slice, as: UTF8.self) else { throw failure("text that is not UTF-8") }
    return text
  }

  public mutating func optional<T>(_ body: (inout ByteReader) throws(ByteError) -> T) throws(ByteError) -> T? {
    try bool() ? try body(&self) : nil
  }

  public mutating func array<T>(_ body: (inout ByteReader) throws(ByteError) -> T) throws(ByteError) -> [T] {
    let count = try count()
    var elements: [T] = []
    // An element may be far larger than the byte that it takes at least.
    elements.reserveCapacity(min(count, Self.allotted))
    for _ in 0..<count { elements.append(try body(&self)) }
    return elements
  }
}

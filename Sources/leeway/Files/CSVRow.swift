import Bytes

/// The cells of one row. Reuse one for all rows of a file: it keeps its storage.
struct CSVRow {
  /// The line of the file that the row begins on, counted from 1.
  private(set) var line = 0
  /// The cells without their quotes, a comma after each, so that no character can run across two cells.
  private var bytes: [UInt8] = []
  /// Where each cell ends in `bytes`.
  private var ends: [Int] = []
  private var isASCII = true

  var count: Int { ends.count }
  var byteCount: Int { bytes.count }

  mutating func begin(line: Int) {
    self.line = line
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    isASCII = true
  }

  mutating func append(_ byte: UInt8) {
    bytes.append(byte)
    if byte >= 0x80 { isASCII = false }
  }

  /// Appends the bytes in `range` of a buffer; `union` is what OR makes of them all.
  mutating func append(_ buffer: [UInt8], _ range: Range<Int>, union: UInt8) {
    buffer.withUnsafeBufferPointer { bytes.append(contentsOf: UnsafeBufferPointer(rebasing: $0[range])) }
    if union >= 0x80 { isASCII = false }
  }

  mutating func endCell() {
    ends.append(bytes.count)
    bytes.append(UInt8(ascii: ","))
  }

  var isValidText: Bool {
    isASCII || String(validating: bytes, as: UTF8.self) != nil
  }

  /// The bytes of a cell; empty where the value is missing.
  subscript(index: Int) -> ByteSlice { bytes[range(index)] }

  private func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1] + 1)..<ends[index] }

  func isEmpty(_ index: Int) -> Bool { range(index).isEmpty }

  /// A cell's text; `nil` where it is empty, quoted or not.
  func text(_ index: Int) -> String? {
    let cell = self[index]
    return cell.isEmpty ? nil : String(decoding: cell, as: UTF8.self)
  }

  /// A cell's value as a finite number; `nil` where it is empty or anything else.
  func number(_ index: Int) -> Double? {
    let range = range(index)
    return DecimalNumber.short(bytes.span.extracting(range)) ?? DecimalNumber.long(bytes[range])
  }
}

/// Reads decimal numbers from bytes, correctly rounded and independent of the locale.
enum DecimalNumber {
  /// 10^22 is the largest power of ten that a double holds exactly.
  private static let powers: [Double] = (0...22).map { exponent in
    (0..<exponent).reduce(1.0) { power, _ in power * 10 }
  }

  /// A finite number, with spaces around it at most; `nil` for anything else, "nan" and "inf" among it.
  static func parse(_ bytes: ByteSlice) -> Double? {
    short(bytes.span) ?? long(bytes)
  }

  fileprivate static func long(_ bytes: ByteSlice) -> Double? {
    guard let first = bytes.first, mayBegin(first) else { return nil }
    let text = String(decoding: trimmed(bytes), as: UTF8.self)
    // Hexadecimal notation is a number to Swift, not to a table of data.
    guard !text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "x") }) else { return nil }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }

  /// Text is no number, and finding that out in full costs more than reading one.
  private static func mayBegin(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
      UInt8(ascii: " "):
      true
    default: false
    }
  }

  /// The common case: a mantissa below 2^53 over a power of ten up to 10^22. One division of exact operands rounds
  /// once, so the result is the nearest double (Clinger, "How to read floating point numbers accurately", 1990).
  fileprivate static func short(_ bytes: Span<UInt8>) -> Double? {
    var mantissa: UInt64 = 0
    var digits = 0
    var decimals = 0
    var hasPoint = false
    let isNegative = bytes.count > 0 && bytes[0] == UInt8(ascii: "-")
    for index in (isNegative ? 1 : 0)..<bytes.count {
      let byte = bytes[index]
      if byte &- 48 < 10 {
        mantissa = mantissa &* 10 &+ UInt64(byte &- 48)
        digits += 1
        if hasPoint { decimals += 1 }
        if digits > 15 { return nil }
      } else if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else {
        return nil
      }
    }
    guard digits > 0 else { return nil }
    let value = Double(mantissa) / powers[decimals]
    return isNegative ? -value : value
  }

  private static func trimmed(_ bytes: ByteSlice) -> ByteSlice {
    let space = UInt8(ascii: " ")
    guard let first = bytes.firstIndex(where: { $0 != space }), let last = bytes.lastIndex(where: { $0 != space })
    else { return bytes.prefix(0) }
    return bytes[first...last]
  }
}

/// Appends JSON to a growing buffer: fields in the order of the calls, no blanks, doubles in the shortest form that
/// reads back to the same bits, `null` for doubles that are not finite. Same calls, same bytes.
public struct JSONWriter {
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  public init(reserving capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// Forgets what was written and keeps the buffer.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  public mutating func object(_ body: (inout JSONWriter) -> Void) {
    open(UInt8(ascii: "{"))
    body(&self)
    close(UInt8(ascii: "}"))
  }

  public mutating func array<C: Collection>(_ elements: C, _ body: (inout JSONWriter, C.Element) -> Void) {
    open(UInt8(ascii: "["))
    for element in elements { body(&self, element) }
    close(UInt8(ascii: "]"))
  }

  /// The name of the next value. It must need no escapes.
  public mutating func name(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// The name of the next value, any text.
  public mutating func name(text: String) {
    separate()
    append(quoted: text)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  public mutating func null() {
    separate()
    append(raw: "null")
  }

  public mutating func value(_ value: Bool) {
    separate()
    append(raw: value ? "true" : "false")
  }

  public mutating func value(_ value: String) {
    separate()
    append(quoted: value)
  }

  public mutating func value<I: FixedWidthInteger>(_ value: I) {
    separate()
    append(integer: value)
  }

  /// A double; whole numbers below 2^53 are written without a fraction.
  public mutating func value(_ value: Double) {
    separate()
    guard value.isFinite else { return append(raw: "null") }
    if let whole = Decimal.whole(value), whole.magnitude < 1 << 53 {
      if whole == 0, value.sign == .minus { bytes.append(UInt8(ascii: "-")) }
      append(integer: whole)
    } else {
      append(description: value)
    }
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  /// A comma where one is due; whatever comes next is followed by one.
  @inline(__always)
  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func append(raw text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  /// Swift's description is the shortest that reads back; large ones end in `.0`, which JSON does not need.
  private mutating func append(description value: Double) {
    if value.magnitude >= 1e-3, value.magnitude < 1e6, let (digits, places) = Decimal.fraction(value.magnitude) {
      if value < 0 { bytes.append(UInt8(ascii: "-")) }
      return append(digits, places: places)
    }
    bytes.append(contentsOf: value.description.utf8)
    if bytes.suffix(2).elementsEqual([UInt8(ascii: "."), UInt8(ascii: "0")]) { bytes.removeLast(2) }
  }

  /// With a point before the last `places` digits.
  private mutating func append(_ digits: UInt64, places: Int) {
    var rest = digits
    var text = InlineArray<24, UInt8>(repeating: UInt8(ascii: "0"))
    var first = text.count
    while rest != 0 || text.count - first < places + 2 {
      first -= 1
      if text.count - first == places + 1 {
        text[first] = UInt8(ascii: ".")
      } else {
        text[first] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      }
    }
    for index in first..<text.count { bytes.append(text[index]) }
  }

  private mutating func append<I: FixedWidthInteger>(integer value: I) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = UInt64(value.magnitude)
    var first = bytes.count
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit))
      rest = quotient
    } while rest != 0
    var last = bytes.count - 1
    while first < last {
      bytes.swapAt(first, last)
      first += 1
      last -= 1
    }
  }

  /// Text between quotes. Only what RFC 8259 demands is escaped, so that other scripts stay readable.
  private mutating func append(quoted text: String) {
    bytes.append(UInt8(ascii: "\""))
    let plain: Void? = text.utf8.withContiguousStorageIfAvailable { utf8 in
      if utf8.contains(where: Self.mustEscape) {
        append(escaping: utf8)
      } else {
        bytes.append(contentsOf: utf8)
      }
    }
    if plain == nil { append(escaping: text.utf8) }
    bytes.append(UInt8(ascii: "\""))
  }

  @inline(__always)
  private static func mustEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func append(escaping utf8: some Sequence<UInt8>) {
    for byte in utf8 {
      guard Self.mustEscape(byte) else {
        bytes.append(byte)
        continue
      }
      bytes.append(UInt8(ascii: "\\"))
      switch byte {
      case 0x08: bytes.append(UInt8(ascii: "b"))
      case 0x09: bytes.append(UInt8(ascii: "t"))
      case 0x0a: bytes.append(UInt8(ascii: "n"))
      case 0x0c: bytes.append(UInt8(ascii: "f"))
      case 0x0d: bytes.append(UInt8(ascii: "r"))
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
      default:
        append(raw: "u00")
        bytes.append(UInt8(ascii: "0") + (byte >> 4))
        let low = byte & 0x0f
        bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
      }
    }
  }
}

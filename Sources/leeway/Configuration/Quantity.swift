/// Durations, sizes and shares as people write them: a number and a unit.
enum Quantity {
  private static let durations: [(unit: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]
  private static let moments: [(unit: String, nanoseconds: Int64)] = [
    ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
  ]
  private static let sizes: [(unit: String, bytes: Int64)] = [
    ("B", 1), ("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("TB", 1 << 40),
  ]

  /// `250ms`, `10s`, `1.5h`; `nil` for anything else, negative ones and fractions of a millisecond among it.
  static func milliseconds(_ text: String) -> Int64? { scaled(text, durations) }

  /// `500ns`, `20us`, `1.5ms`; `nil` for anything else.
  static func nanoseconds(_ text: String) -> Int64? { scaled(text, moments) }

  /// `512B`, `64KB`, `16MB`, in powers of 1,024; `nil` for anything else.
  static func bytes(_ text: String) -> Int64? { scaled(text, sizes) }

  /// `20%` or `0.2`; `nil` for anything else.
  static func fraction(_ text: String) -> Double? {
    text.hasSuffix("%") ? number(text.dropLast()).map { $0 / 100 } : number(text[...])
  }

  static func shown(milliseconds: Int64) -> String { shown(milliseconds, durations) }
  static func shown(bytes: Int64) -> String { shown(bytes, sizes) }

  static func shown(percent fraction: Double) -> String {
    let percent = fraction * 100
    return percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
  }

  private static func scaled(_ text: String, _ units: [(String, Int64)]) -> Int64? {
    guard let unitStart = text.firstIndex(where: { $0.isLetter }) else { return nil }
    guard let (_, factor) = units.first(where: { $0.0 == text[unitStart...] }) else { return nil }
    if let whole = whole(text[..<unitStart]) {
      let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
      return overflow ? nil : product
    }
    guard text.utf8.first != UInt8(ascii: "+"), let value = number(text[..<unitStart]), value >= 0 else { return nil }
    return Int64(exactly: value * Double(factor))
  }

  private static func shown(_ value: Int64, _ units: [(String, Int64)]) -> String {
    let (unit, factor) = units.last { value >= $0.1 && value % $0.1 == 0 } ?? units[0]
    return "\(value / factor)\(unit)"
  }

  private static func whole(_ text: Substring) -> Int64? {
    text.utf8.allSatisfy { $0 &- 48 < 10 } ? Int64(text) : nil
  }

  private static func number(_ text: Substring) -> Double? {
    text.utf8.contains(UInt8(ascii: " ")) ? nil : DecimalNumber.parse(Array(text.utf8)[...])
  }
}

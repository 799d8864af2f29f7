/// One feature's value.
public enum Value: Hashable, Sendable {
  case number(Double)
  case category(String)
  case missing
}

extension Value {
  /// The value as a numeric column holds it: a finite number or missing.
  var asNumber: Value {
    switch self {
    case .number(let x): x.isFinite ? self : .missing
    case .category(let text): Value.decimal(Value.trimmed(text)).map { Value.number($0).asNumber } ?? .missing
    case .missing: .missing
    }
  }

  /// The value as a categorical column holds it: text or missing.
  var asCategory: Value {
    switch self {
    case .number(let x): x.isFinite ? .category(Value.text(of: x)) : .missing
    case .category, .missing: self
    }
  }

  /// The shortest decimal text that reads back as `number`: `3`, `0.5`, `1e+20`. Negative zero is `0`.
  public static func text(of number: Double) -> String {
    number == number.rounded() && number.magnitude < 0x1p53 ? "\(Int(number))" : "\(number)"
  }

  /// The number that a decimal text spells, infinite past the range of doubles; nil for any other text.
  private static func decimal(_ text: String) -> Double? {
    guard let first = text.utf8.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") || isDecimal(first)
    else { return nil }
    // Swift's parser also takes hexadecimal, `inf` and `nan`.
    let allowed = text.utf8.allSatisfy { byte in
      isDecimal(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte | 0x20 == UInt8(ascii: "e")
    }
    return allowed ? Double(text) : nil
  }

  private static func isDecimal(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: ".")
  }

  private static func trimmed(_ text: String) -> String {
    var rest = Substring(text)
    while let byte = rest.utf8.first, isBlank(byte) { rest = rest.dropFirst() }
    while let byte = rest.utf8.last, isBlank(byte) { rest = rest.dropLast() }
    return String(rest)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte)
  }
}

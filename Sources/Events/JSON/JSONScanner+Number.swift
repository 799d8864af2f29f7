/// A number as it stands in the text: `mantissa × 10^exponent`, where `mantissa` holds every digit if `isExact`.
struct NumberToken {
  let range: Range<Int>
  let isNegative: Bool
  let mantissa: UInt64
  let exponent: Int
  /// No fraction and no exponent.
  let isInteger: Bool
  let isExact: Bool
}

extension JSONScanner {
  /// Reads a number at `next`, strictly: no plus, no leading zeros, digits on both sides of the point.
  @inline(__always)
  mutating func numberToken() throws(EventError) -> NumberToken {
    let start = next
    var digits = Digits()
    let isNegative = current == UInt8(ascii: "-")
    if isNegative { next += 1 }
    if current == UInt8(ascii: "0") {
      next += 1
    } else {
      try scanDigits(&digits)
    }
    var exponent = 0
    var isInteger = true
    if current == UInt8(ascii: ".") {
      isInteger = false
      next += 1
      let point = next
      try scanDigits(&digits)
      exponent = point - next
    }
    if current | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      exponent += try scanExponent()
    }
    guard next - start <= Limits.numberBytes else {
      next = start
      throw failure(.tooLarge, "a number of more than \(Limits.numberBytes) digits")
    }
    return NumberToken(
      range: start..<next, isNegative: isNegative, mantissa: digits.value, exponent: exponent, isInteger: isInteger,
      isExact: digits.isExact)
  }

  private struct Digits {
    var value: UInt64 = 0
    var isExact = true
  }

  @inline(__always)
  private mutating func scanDigits(_ digits: inout Digits) throws(EventError) {
    let start = next
    var value = digits.value
    while next < end {
      let digit = UInt64(self[next] &- UInt8(ascii: "0"))
      guard digit < 10 else { break }
      // Below this bound another digit cannot overflow.
      if value < 1_844_674_407_370_955_161 {
        value = value &* 10 &+ digit
      } else {
        let (product, over) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(digit)
        if over || carry { digits.isExact = false } else { value = sum }
      }
      next += 1
    }
    digits.value = value
    guard next > start else { throw unexpected("a digit") }
  }

  /// The exponent behind `e`, held within a range that no double reaches.
  private mutating func scanExponent() throws(EventError) -> Int {
    next += 1
    let isNegative = current == UInt8(ascii: "-")
    if isNegative || current == UInt8(ascii: "+") { next += 1 }
    let start = next
    var value = 0
    while next < end {
      let digit = Int(self[next] &- UInt8(ascii: "0"))
      guard digit < 10 else { break }
      value = min(value * 10 + digit, 1_000_000)
      next += 1
    }
    guard next > start else { throw unexpected("a digit") }
    return isNegative ? -value : value
  }

  /// The double nearest to a token, ties to even; `not_finite` beyond the range of doubles.
  @inline(__always)
  func double(_ token: NumberToken) throws(EventError) -> Double {
    if token.isExact, let magnitude = Decimal.double(token.mantissa, exponent: token.exponent) {
      return token.isNegative ? -magnitude : magnitude
    }
    return try unusualDouble(token)
  }

  @inline(never)
  private func unusualDouble(_ token: NumberToken) throws(EventError) -> Double {
    let text = String(decoding: slice(token.range), as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw EventError(
        .notFinite, at: token.range.lowerBound, "\(text.prefix(32)) is beyond the range of doubles")
    }
    return value
  }
}

/// Decimal to binary where a few machine instructions give the exact answer (Clinger, PLDI 1990; the division is our own).
enum Decimal {
  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  private static let integerPowers: [UInt64] = (0..<20).map { count in
    (0..<count).reduce(1) { power, _ in power * 10 }
  }

  /// `mantissa × 10^exponent`, correctly rounded; `nil` where that takes the long way.
  @inline(__always)
  static func double(_ mantissa: UInt64, exponent: Int) -> Double? {
    if exponent == 0 || mantissa == 0 { return Double(mantissa) }
    if mantissa < 1 << 53, exponent >= -22, exponent <= 22 {
      let value = Double(mantissa)
      return exponent < 0 ? value / powers[-exponent] : value * powers[exponent]
    }
    return exponent < 0 && exponent > -20 ? quotient(mantissa, integerPowers[-exponent]) : nil
  }

  /// The whole number that a double is, where it is one of 64 bits. (`Int64(exactly:)` would need the C library's `trunc`.)
  @inline(__always)
  static func whole(_ value: Double) -> Int64? {
    guard value >= -0x1p63, value < 0x1p63 else { return nil }
    let whole = Int64(value)
    return Double(whole) == value ? whole : nil
  }

  /// `numerator / denominator` for two positive integers: both are shifted up to their top bits, so that one
  /// 128-by-64-bit division gives at least 63 bits of the quotient; a remainder sets the last bit, and the conversion
  /// to double rounds once.
  private static func quotient(_ numerator: UInt64, _ denominator: UInt64) -> Double {
    let up = numerator.leadingZeroBitCount
    let down = denominator.leadingZeroBitCount
    let high = numerator << UInt64(up)
    let divided = (denominator << UInt64(down)).dividingFullWidth((high >> 1, high << 63))
    let bits = divided.quotient | (divided.remainder == 0 ? 0 : 1)
    return Double(sign: .plus, exponent: down - up - 63, significand: Double(bits))
  }
}

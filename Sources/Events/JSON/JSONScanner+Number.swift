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

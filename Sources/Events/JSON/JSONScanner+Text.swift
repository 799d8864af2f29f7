/// Where a text stands, without its quotes.
struct TextToken {
  let range: Range<Int>
  let isEscaped: Bool
  let isASCII: Bool
}

extension JSONScanner {
  /// Finds the end of the text whose opening quote is at `next`. Escapes and UTF-8 are checked by `string` and `check`.
  @inline(__always)
  mutating func textToken() throws(EventError) -> TextToken {
    let start = next + 1
    next = start
    var isEscaped = false
    var high: UInt64 = 0
    while next < end {
      if next + 8 <= end {
        let word = word(at: next)
        let stops = Self.stops(word)
        if stops == 0 {
          high |= word
          next += 8
          continue
        }
        let plain = stops.trailingZeroBitCount & ~7
        high |= word & ~(.max << UInt64(plain))
        next += plain >> 3
      }
      let byte = self[next]
      if byte == UInt8(ascii: "\"") || byte < 0x20 { break }
      high |= UInt64(byte)
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        next += 1
      }
      next += 1
    }
    next = min(next, end)
    guard current == UInt8(ascii: "\"") else {
      throw unexpected("the end of a text, in which control characters must be escaped")
    }
    next += 1
    return TextToken(
      range: start..<next - 1, isEscaped: isEscaped, isASCII: high & 0x8080_8080_8080_8080 == 0)
  }

  /// The high bit of every byte that is a quote, a backslash or a control character; exact for the lowest of them.
  @inline(__always)
  static func stops(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
    let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
    let zeros = ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
    let controls = (word &- ones &* 0x20) & ~word
    return (zeros | controls) & (ones &* 0x80)
  }

  /// The text of a token: escapes resolved, UTF-8 checked.
  @inline(__always)
  func string(_ token: TextToken) throws(EventError) -> String {
    if token.isASCII, !token.isEscaped { return String(decoding: slice(token.range), as: UTF8.self) }
    return try unusualString(token)
  }

  /// Throws unless the token is a legal text.
  @inline(__always)
  func check(_ token: TextToken) throws(EventError) {
    if !token.isASCII || token.isEscaped { _ = try unusualString(token) }
  }

  @inline(never)
  private func unusualString(_ token: TextToken) throws(EventError) -> String {
    let text =
      token.isEscaped
      ? String(validating: try unescape(token.range), as: UTF8.self)
      : String(validating: slice(token.range), as: UTF8.self)
    guard let text else { throw EventError(.invalidUTF8, at: token.range.lowerBound, "text that is not UTF-8") }
    return text
  }

  private func unescape(_ range: Range<Int>) throws(EventError) -> [UInt8] {
    var utf8: [UInt8] = []
    utf8.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = self[index]
      index += 1
      guard byte == UInt8(ascii: "\\") else {
        utf8.append(byte)
        continue
      }
      // A token never ends in a backslash that escapes nothing.
      let escape = self[index]
      index += 1
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): utf8.append(escape)
      case UInt8(ascii: "b"): utf8.append(0x08)
      case UInt8(ascii: "f"): utf8.append(0x0c)
      case UInt8(ascii: "n"): utf8.append(0x0a)
      case UInt8(ascii: "r"): utf8.append(0x0d)
      case UInt8(ascii: "t"): utf8.append(0x09)
      case UInt8(ascii: "u"):
        let scalar = try escapedScalar(&index, end: range.upperBound)
        utf8.append(contentsOf: String(Character(scalar)).utf8)
      default:
        throw EventError(.notJSON, at: index - 2, "an escape that JSON does not know")
      }
    }
    return utf8
  }

  /// The character of `\u` and four digits, or of a pair of surrogates; `index` stands behind the first `u`.
  private func escapedScalar(_ index: inout Int, end: Int) throws(EventError) -> Unicode.Scalar {
    let start = index - 2
    let first = try hexDigits(&index, end: end)
    if let scalar = Unicode.Scalar(first) { return scalar }
    let isPair =
      first < 0xdc00 && index + 1 < end && self[index] == UInt8(ascii: "\\") && self[index + 1] == UInt8(ascii: "u")
    guard isPair else { throw EventError(.invalidUTF8, at: start, "half a surrogate pair") }
    index += 2
    let second = try hexDigits(&index, end: end)
    guard
      (0xdc00...0xdfff).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00))
    else { throw EventError(.invalidUTF8, at: start, "half a surrogate pair") }
    return scalar
  }

  private func hexDigits(_ index: inout Int, end: Int) throws(EventError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard index < end, let digit = Self.hexDigit(self[index]) else {
        throw EventError(.notJSON, at: index, "`\\u` needs four hexadecimal digits")
      }
      value = value << 4 | UInt16(digit)
      index += 1
    }
    return value
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

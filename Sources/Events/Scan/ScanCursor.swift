/// A place in a JSON text that ends with a newline and is followed by `margin` readable bytes.
///
/// Everything here stops at control characters, so `next` never passes the newline: not into the next line, and not out
/// of the buffer, as no more than `margin` bytes from `next` on are looked at. That is why the accesses are checked in
/// debug builds alone: in the scanner they are a quarter of the time. What needs escapes, or is not JSON, gives false: the caller then takes the long way, which knows the error.
struct ScanCursor {
  static let margin = 64

  private let base: UnsafeRawPointer
  /// The last position from which eight bytes can be read.
  private let lastWord: Int
  var next: Int

  init(_ bytes: UnsafeRawBufferPointer, next: Int) {
    precondition(bytes.count >= 8)
    base = bytes.baseAddress.unsafelyUnwrapped
    lastWord = bytes.count - 8
    self.next = next
  }

  @inline(__always)
  func word(at position: Int) -> UInt64 {
    assert(position >= 0 && position <= lastWord)
    return UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
  }

  @inline(__always)
  func byte(at position: Int) -> UInt8 {
    assert(position >= 0 && position <= lastWord)
    return base.load(fromByteOffset: position, as: UInt8.self)
  }

  @inline(__always)
  var byte: UInt8 { byte(at: next) }

  @inline(__always)
  func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    assert(range.lowerBound >= 0 && range.upperBound <= lastWord)
    return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  /// Blanks but for the newline.
  @inline(__always)
  mutating func skipBlanks() {
    while byte <= 0x20, byte == 0x20 || byte == 0x09 || byte == 0x0d { next &+= 1 }
  }

  @inline(__always)
  mutating func take(_ expected: Unicode.Scalar) -> Bool {
    guard byte == UInt8(ascii: expected) else { return false }
    next &+= 1
    return true
  }

  /// A literal of at most eight bytes.
  @inline(__always)
  mutating func take(word literal: UInt64, count: Int) -> Bool {
    guard (word(at: next) ^ literal) << UInt64(64 - 8 * count) == 0 else { return false }
    next &+= count
    return true
  }

  static let null: UInt64 = 0x6c6c_756e
  static let `true`: UInt64 = 0x6575_7274
  static let `false`: UInt64 = 0x65_736c_6166
}

extension ScanCursor {
  /// Reads a text without escapes, whose opening quote comes next; `range` is what stands between the quotes, which is
  /// UTF-8.
  @inline(__always)
  mutating func text(_ range: inout Range<Int>) -> Bool {
    guard byte == UInt8(ascii: "\"") else { return false }
    let start = next &+ 1
    var position = start
    var high: UInt64 = 0
    while true {
      let word = word(at: position)
      let stops = JSONScanner.stops(word)
      if stops == 0 {
        high |= word
        position &+= 8
        continue
      }
      let plain = UInt64(truncatingIfNeeded: stops.trailingZeroBitCount & ~7)
      high |= word & ~(.max &<< plain)
      position &+= Int(truncatingIfNeeded: plain &>> 3)
      break
    }
    guard byte(at: position) == UInt8(ascii: "\"") else { return false }
    range = Range(uncheckedBounds: (start, position))
    next = position &+ 1
    return high & 0x8080_8080_8080_8080 == 0 || isUTF8(range)
  }

  @inline(never)
  private func isUTF8(_ range: Range<Int>) -> Bool {
    String(validating: slice(range), as: UTF8.self) != nil
  }
}

extension ScanCursor {
  /// Reads a JSON number, exact to the last bit.
  @inline(__always)
  mutating func number(_ value: inout Double) -> Bool {
    let start = next
    let isNegative = byte == UInt8(ascii: "-")
    next &+= isNegative ? 1 : 0
    var magnitude = 0.0
    if !shortDecimal(&magnitude) {
      // What is handed out by reference lives in memory: a copy, so that the place itself stays in a register.
      var copy = self
      guard let other = copy.otherNumber(from: start) else { return false }
      (self, magnitude) = (copy, other)
    }
    // Signs come at random, so without a branch.
    value = Double(bitPattern: magnitude.bitPattern | (isNegative ? 1 &<< 63 : 0))
    return true
  }

  /// Reads digits, a point and digits, fifteen bytes at most, which is what most numbers are: all sixteen bytes at once,
  /// with no branch on how many digits there are. False, and nothing read, where something else comes.
  @inline(__always)
  private mutating func shortDecimal(_ value: inout Double) -> Bool {
    let (low, high) = (word(at: next) ^ Digits.zeros, word(at: next &+ 8) ^ Digits.zeros)
    let (lowOthers, highOthers) = (Digits.others(low), Digits.others(high))
    let point = UInt64(truncatingIfNeeded: lowOthers.trailingZeroBitCount & 56)
    let behind = lowOthers & (lowOthers &- 1)
    // Both counts first: a choice between them needs no branch then.
    let (near, far) = (behind.trailingZeroBitCount, 64 &+ highOthers.trailingZeroBitCount)
    let end = (behind != 0 ? near : far) &>> 3
    let places = end &- 1 &- Int(truncatingIfNeeded: point &>> 3)
    guard (low &>> point) & 0xff == UInt64(UInt8(ascii: ".") ^ UInt8(ascii: "0")), point > 0,
      // Not a zero with another digit behind it.
      (low & 0xff) | (lowOthers & 0x8000) != 0,
      places > 0, end <= 15, byte(at: next &+ end) | 0x20 != UInt8(ascii: "e")
    else { return false }
    // The whole part takes the point's place, then the last digit the sixteenth.
    let whole = (1 &<< point) &- 1 as UInt64
    let joined = UInt128(high) &<< 64 | UInt128((low & whole) &<< 8 | low & (~whole &<< 8))
    let digits = joined &<< UInt128(truncatingIfNeeded: 128 &- 8 &* end)
    let front = Digits.eight(UInt64(truncatingIfNeeded: digits))
    let mantissa = front &* 100_000_000 &+ Digits.eight(UInt64(truncatingIfNeeded: digits &>> 64))
    value = Decimal.quotient(mantissa, places: places)
    next &+= end
    return true
  }

  /// The magnitude of a number in any form.
  @inline(never)
  private mutating func otherNumber(from start: Int) -> Double? {
    var mantissa: UInt64 = 0
    let first = byte
    let whole = digits(&mantissa)
    guard whole > 0, whole == 1 || first != UInt8(ascii: "0") else { return nil }
    var count = whole
    var exponent = 0
    if byte == UInt8(ascii: ".") {
      next &+= 1
      let places = digits(&mantissa)
      guard places > 0 else { return nil }
      count &+= places
      exponent = 0 &- places
    }
    if byte | 0x20 == UInt8(ascii: "e") {
      guard exponentPart(&exponent) else { return nil }
    }
    guard count <= 19 || hasFewDigits(from: start, count) else { return nil }
    return Decimal.double(mantissa, exponent: exponent)
  }

  /// Reads a whole number of at most 18 digits.
  @inline(__always)
  mutating func integer(_ value: inout Int64) -> Bool {
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative { next &+= 1 }
    var magnitude: UInt64 = 0
    let first = byte
    let count = digits(&magnitude)
    guard count > 0, count <= 18, count == 1 || first != UInt8(ascii: "0") else { return false }
    guard byte != UInt8(ascii: "."), byte | 0x20 != UInt8(ascii: "e") else { return false }
    let signed = Int64(truncatingIfNeeded: magnitude)
    value = isNegative ? 0 &- signed : signed
    return true
  }

  /// Appends the digits that come next, and gives their number; beyond 19 the value wraps around.
  @inline(__always)
  private mutating func digits(_ value: inout UInt64) -> Int {
    var total = 0
    while true {
      let word = word(at: next)
      let count = Digits.leading(word)
      value = value &* Digits.powers[count] &+ Digits.value(word, count: count)
      next &+= count
      total &+= count
      if count < 8 { return total }
    }
  }

  @inline(never)
  private mutating func exponentPart(_ exponent: inout Int) -> Bool {
    next &+= 1
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative || byte == UInt8(ascii: "+") { next &+= 1 }
    var magnitude: UInt64 = 0
    let count = digits(&magnitude)
    guard count > 0, count <= 8 else { return false }
    exponent &+= isNegative ? 0 &- Int(magnitude) : Int(magnitude)
    return true
  }

  /// Whether at most 19 of the digits count, the others being zeros in front.
  @inline(never)
  private func hasFewDigits(from start: Int, _ count: Int) -> Bool {
    guard next - start <= Limits.numberBytes else { return false }
    var zeros = 0
    var position = start
    while position < next {
      let byte = byte(at: position)
      if byte == UInt8(ascii: "0") { zeros += 1 } else if byte > UInt8(ascii: "0") { break }
      position += 1
    }
    return count - zeros <= 19
  }
}

/// Decimal digits, eight to a word.
enum Digits {
  static let powers: [UInt64] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]
  static let zeros: UInt64 = 0x3030_3030_3030_3030

  /// The high bit of every byte that is no digit, given the word less its `zeros`; exact up to the first byte beyond ASCII.
  @inline(__always)
  static func others(_ values: UInt64) -> UInt64 {
    ((values &+ 0x7676_7676_7676_7676) | values) & 0x8080_8080_8080_8080
  }

  /// How many bytes of the word are digits before the first that is none.
  @inline(__always)
  static func leading(_ word: UInt64) -> Int { others(word ^ zeros).trailingZeroBitCount &>> 3 }

  /// The number that the first `count` digits of the word make, 0 for none.
  @inline(__always)
  static func value(_ word: UInt64, count: Int) -> UInt64 {
    let half = UInt64(truncatingIfNeeded: 32 &- 4 &* count)
    return eight(((word ^ zeros) &<< half) &<< half)
  }

  /// The number that eight digits make, given the word less its `zeros`: pairs, then fours, then all eight.
  @inline(__always)
  static func eight(_ values: UInt64) -> UInt64 {
    let pairs = values &* 10 &+ (values &>> 8)
    let mask: UInt64 = 0x0000_00ff_0000_00ff
    let high = (pairs & mask) &* (100 &+ (1_000_000 &<< 32))
    let low = ((pairs &>> 16) & mask) &* (1 &+ (10_000 &<< 32))
    return (high &+ low) &>> 32
  }
}

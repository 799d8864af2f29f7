/// Decimal to binary: one multiplication or division where that is exact (Clinger, PLDI 1990), else by a product with
/// 128 bits of the power of five (Eisel and Lemire: Lemire, Software: Practice and Experience, 2021).
enum Decimal {
  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  /// `mantissa × 10^exponent`, rounded to the nearest double, ties to even; `nil` where that takes the long way.
  @inline(__always)
  static func double(_ mantissa: UInt64, exponent: Int) -> Double? {
    if mantissa < 1 << 53, exponent >= -22, exponent <= 22 {
      let value = Double(Int64(truncatingIfNeeded: mantissa))
      return exponent <= 0 ? value / powers[0 &- exponent] : value * powers[exponent]
    }
    return product(mantissa, exponent)
  }

  /// `mantissa / 10^places`, exactly rounded, for a mantissa below 2^53 and at most 22 places.
  @inline(__always)
  static func quotient(_ mantissa: UInt64, places: Int) -> Double {
    Double(Int64(truncatingIfNeeded: mantissa)) / powers[places]
  }

  /// Places behind the point that `fraction` looks for.
  private static let mostPlaces = 9

  /// `digits / 10^places` that is the double, of fewest places; nil where that takes many. Of at most 15 digits there is
  /// one decimal to a double, so it is the shortest that reads back.
  ///
  /// - Parameter value: no whole number, from 0.001 on and below a million.
  @inline(__always)
  static func fraction(_ value: Double) -> (digits: UInt64, places: Int)? {
    let powers = powers.span
    for places in 1...mostPlaces {
      let digits = UInt64(value * powers[places] + 0.5)
      if Double(Int64(truncatingIfNeeded: digits)) / powers[places] == value { return (digits, places) }
    }
    return nil
  }

  /// The whole number that a double is, where it is one of 64 bits. (`Int64(exactly:)` would need the C library's `trunc`.)
  @inline(__always)
  static func whole(_ value: Double) -> Int64? {
    guard value >= -0x1p63, value < 0x1p63 else { return nil }
    let whole = Int64(value)
    return Double(whole) == value ? whole : nil
  }

  /// The product of the mantissa, shifted up to its top bit, with the power's: it has the 54 bits that rounding needs
  /// unless its low word may hide a carry. Exponents of the table keep the result within the normal doubles.
  @inline(never)
  private static func product(_ mantissa: UInt64, _ exponent: Int) -> Double? {
    if mantissa == 0 { return 0 }
    guard PowersOfFive.exponents.contains(exponent) else { return nil }
    let power = PowersOfFive.table[exponent - PowersOfFive.exponents.lowerBound]
    let zeros = mantissa.leadingZeroBitCount
    let shifted = mantissa &<< UInt64(zeros)
    var (high, low) = shifted.multipliedFullWidth(by: power.high)
    if high & 0x1ff == 0x1ff {
      let (sum, carry) = low.addingReportingOverflow(shifted.multipliedFullWidth(by: power.low).high)
      low = sum
      if carry { high &+= 1 }
      if low == .max, !PowersOfFive.exact.contains(exponent) { return nil }
    }
    let top = high &>> 63
    let shift = top &+ 9
    var bits = high &>> shift
    // Exactly between two doubles, which only these powers allow: to the even one.
    if low <= 1, exponent >= -4, exponent <= 23, bits & 3 == 1, bits &<< shift == high { bits &-= 1 }
    bits = (bits &+ (bits & 1)) &>> 1
    // The binary exponent of 10^exponent is that of 5^exponent, 217,706 / 65,536 being log2 10.
    let scale = ((217_706 &* exponent) >> 16) &+ 63 &+ Int(top) &- zeros
    let step = Double(bitPattern: UInt64(truncatingIfNeeded: scale &- 52 &+ 1_023) &<< 52)
    return Double(Int64(truncatingIfNeeded: bits)) * step
  }
}

/// The first 128 bits of powers of five, or of their reciprocals.
private enum PowersOfFive {
  struct Bits {
    let high: UInt64
    let low: UInt64
  }

  /// All for which the power fits into 127 bits.
  static let exponents = -54...54
  /// Where a product of 128 bits leaves no doubt.
  static let exact = -27...55

  static let table: [Bits] = exponents.map { exponent in
    var power: UInt128 = 1
    for _ in 0..<exponent.magnitude { power *= 5 }
    let bits =
      exponent < 0 ? reciprocal(power, roundingUp: exact.contains(exponent)) : power << power.leadingZeroBitCount
    return Bits(high: UInt64(truncatingIfNeeded: bits >> 64), low: UInt64(truncatingIfNeeded: bits))
  }

  /// The first 128 bits of 1/power by long division.
  private static func reciprocal(_ power: UInt128, roundingUp: Bool) -> UInt128 {
    var quotient: UInt128 = 0
    var remainder: UInt128 = 1
    while quotient.leadingZeroBitCount > 0 {
      remainder <<= 1
      quotient <<= 1
      if remainder >= power {
        remainder -= power
        quotient |= 1
      }
    }
    return roundingUp ? quotient + 1 : quotient
  }
}

/// Natural logarithm and exponential from arithmetic alone, so that a decision depends on the build and not on which
/// mathematics library, or which processor's variant of it, is installed. Relative error below 1e-15.
///
/// Models has one of its own, which rounds otherwise: the bytes of artifacts rest on that one, those of decisions on this.
package enum Elementary {
  /// ln 2 in two parts; the first has zeros enough at its end that its product with an exponent is exact.
  static let ln2High = 0x1.62e42feep-1
  static let ln2Low = 0x1.a39ef35793c76p-33

  /// Natural logarithm of a positive number.
  ///
  /// x = 2^k·m with m between √½ and √2; ln m = 2·artanh(s), s = (m − 1)/(m + 1), by its series in s², s² < 0.0295.
  package static func log(_ x: Double) -> Double {
    guard x < .infinity else { return x }
    let bits = x.bitPattern
    var exponent = Int(bits >> 52) - 1_023
    var mantissa = Double(bitPattern: bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000)
    if exponent == -1_023 {
      exponent = x.exponent
      mantissa = x.significand
    }
    if mantissa > 1.4142135623730951 {
      mantissa *= 0.5
      exponent += 1
    }
    let s = (mantissa - 1) / (mantissa + 1)
    let t = s * s
    let series = logSeries(t)
    let k = Double(exponent)
    return k * ln2High + (2 * s + (2 * s * t * series + k * ln2Low))
  }

  /// e to the power x: 0 below −745, infinity above 709.79.
  ///
  /// x = k·ln 2 + r with |r| ≤ ln 2 / 2, and the Taylor series of e^r to degree 13.
  package static func exp(_ x: Double) -> Double {
    guard x > -746 else { return 0 }
    guard x < 710 else { return .infinity }
    // Adding and taking away 1.5·2^52 rounds to the nearest whole number.
    let k = (x * 1.4426950408889634 + 0x1.8p52) - 0x1.8p52
    let r = (x - k * ln2High) - k * ln2Low
    let series = expSeries(r)
    let exponent = Int(k)
    if exponent.magnitude < 1_022 { return series * Double(bitPattern: UInt64(exponent + 1_023) << 52) }
    let half = exponent / 2
    let scale = Double(sign: .plus, exponent: half, significand: 1)
    return series * scale * Double(sign: .plus, exponent: exponent - half, significand: 1)
  }
}

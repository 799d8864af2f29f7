/// Natural logarithm and exponential from arithmetic alone, so that a decision depends on the build and not on which
/// mathematics library, or which processor's variant of it, is installed. Relative error below 1e-15.
///
/// Models has one of its own, which rounds otherwise: the bytes of artifacts rest on that one, those of decisions on this.
package enum Elementary {
  /// ln 2 in two parts; the first has zeros enough at its end that its product with an exponent is exact.
  private static let ln2High = 0x1.62e42feep-1
  private static let ln2Low = 0x1.a39ef35793c76p-33

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
    var series = 1.0 / 21
    series = series * t + 1.0 / 19
    series = series * t + 1.0 / 17
    series = series * t + 1.0 / 15
    series = series * t + 1.0 / 13
    series = series * t + 1.0 / 11
    series = series * t + 1.0 / 9
    series = series * t + 1.0 / 7
    series = series * t + 1.0 / 5
    series = series * t + 1.0 / 3
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
    var series = 1.0 / 6_227_020_800
    series = series * r + 1.0 / 479_001_600
    series = series * r + 1.0 / 39_916_800
    series = series * r + 1.0 / 3_628_800
    series = series * r + 1.0 / 362_880
    series = series * r + 1.0 / 40_320
    series = series * r + 1.0 / 5_040
    series = series * r + 1.0 / 720
    series = series * r + 1.0 / 120
    series = series * r + 1.0 / 24
    series = series * r + 1.0 / 6
    series = series * r + 0.5
    series = series * r + 1
    series = series * r + 1
    let exponent = Int(k)
    if exponent.magnitude < 1_022 { return series * Double(bitPattern: UInt64(exponent + 1_023) << 52) }
    let half = exponent / 2
    let scale = Double(sign: .plus, exponent: half, significand: 1)
    return series * scale * Double(sign: .plus, exponent: exponent - half, significand: 1)
  }
}

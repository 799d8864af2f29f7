extension Elementary {
  /// `exp` of each number, bit for bit, in about half the time.
  @inline(__always)
  static func exp(_ x: SIMD4<Double>) -> SIMD4<Double> {
    if all((x .>= -700) .& (x .<= 700)) { return expOfUsual(x) }
    return SIMD4(exp(x[0]), exp(x[1]), exp(x[2]), exp(x[3]))
  }

  /// `log` of each number, bit for bit, in about half the time.
  @inline(__always)
  static func log(_ x: SIMD2<Double>) -> SIMD2<Double> {
    if all((x .>= .leastNormalMagnitude) .& (x .< .infinity)) { return logOfUsual(x) }
    return SIMD2(log(x[0]), log(x[1]))
  }

  @inline(__always)
  private static func expOfUsual(_ x: SIMD4<Double>) -> SIMD4<Double> {
    // Where 2^52 has its ones, the nearest whole number lies in the lowest bits.
    let rounder = 0x1.8p52
    let shifted = x * 1.4426950408889634 + rounder
    let k = shifted - rounder
    let r = (x - k * ln2High) - k * ln2Low
    let exponents: SIMD4<UInt64> = unsafeBitCast(shifted, to: SIMD4<UInt64>.self) &- (rounder.bitPattern &- 1_023)
    return expSeries(r) * unsafeBitCast(exponents &<< 52, to: SIMD4<Double>.self)
  }

  @inline(__always)
  private static func logOfUsual(_ x: SIMD2<Double>) -> SIMD2<Double> {
    let bits = unsafeBitCast(x, to: SIMD2<UInt64>.self)
    // A whole number in the lowest bits of 2^52 makes it so much larger.
    let base = 0x1p52
    let raised: SIMD2<UInt64> = (bits &>> 52) | base.bitPattern
    var k = unsafeBitCast(raised, to: SIMD2<Double>.self) - (base + 1_023)
    let fraction: SIMD2<UInt64> = (bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000
    var mantissa = unsafeBitCast(fraction, to: SIMD2<Double>.self)
    let isLarge = mantissa .> 1.4142135623730951
    mantissa.replace(with: mantissa * 0.5, where: isLarge)
    k.replace(with: k + 1, where: isLarge)
    let s = (mantissa - 1) / (mantissa + 1)
    let t = s * s
    let tail: SIMD2<Double> = 2 * s * t * logSeries(t)
    let rest: SIMD2<Double> = 2 * s + (tail + k * ln2Low)
    return k * ln2High + rest
  }
}

/// One number, or several side by side: the series are the same.
protocol ElementaryLanes {
  static func * (left: Self, right: Self) -> Self
  static func + (left: Self, right: Self) -> Self
  static func lanes(of number: Double) -> Self
}

extension Double: ElementaryLanes {
  @inline(__always)
  static func lanes(of number: Double) -> Double { number }
}

extension SIMD2<Double>: ElementaryLanes {}
extension SIMD4<Double>: ElementaryLanes {}

extension SIMD where Scalar == Double {
  @inline(__always)
  static func lanes(of number: Double) -> Self { Self(repeating: number) }
}

extension Elementary {
  /// The Taylor series of e^r to degree 13.
  @inline(__always)
  static func expSeries<Lanes: ElementaryLanes>(_ r: Lanes) -> Lanes {
    var series = Lanes.lanes(of: 1.0 / 6_227_020_800)
    series = series * r + .lanes(of: 1.0 / 479_001_600)
    series = series * r + .lanes(of: 1.0 / 39_916_800)
    series = series * r + .lanes(of: 1.0 / 3_628_800)
    series = series * r + .lanes(of: 1.0 / 362_880)
    series = series * r + .lanes(of: 1.0 / 40_320)
    series = series * r + .lanes(of: 1.0 / 5_040)
    series = series * r + .lanes(of: 1.0 / 720)
    series = series * r + .lanes(of: 1.0 / 120)
    series = series * r + .lanes(of: 1.0 / 24)
    series = series * r + .lanes(of: 1.0 / 6)
    series = series * r + .lanes(of: 0.5)
    series = series * r + .lanes(of: 1)
    return series * r + .lanes(of: 1)
  }

  /// artanh(s)/s − 1 over s², of s².
  @inline(__always)
  static func logSeries<Lanes: ElementaryLanes>(_ t: Lanes) -> Lanes {
    var series = Lanes.lanes(of: 1.0 / 21)
    series = series * t + .lanes(of: 1.0 / 19)
    series = series * t + .lanes(of: 1.0 / 17)
    series = series * t + .lanes(of: 1.0 / 15)
    series = series * t + .lanes(of: 1.0 / 13)
    series = series * t + .lanes(of: 1.0 / 11)
    series = series * t + .lanes(of: 1.0 / 9)
    series = series * t + .lanes(of: 1.0 / 7)
    series = series * t + .lanes(of: 1.0 / 5)
    return series * t + .lanes(of: 1.0 / 3)
  }
}

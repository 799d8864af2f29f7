/// Eight numbers in single precision that go through the same arithmetic side by side.
typealias Lanes = SIMD8<Float>

// In single precision, lane by lane, again by basic IEEE arithmetic alone. Relative errors stay below 3e-7.
extension Elementary {
  private static let log2eSingle: Float = 1.442_695
  // ln 2 in two parts: the high one has nine trailing zero bits, so its product with an exponent is exact.
  private static let ln2HighSingle: Float = 0x1.62e4p-1
  private static let ln2LowSingle: Float = 0x1.7f7d1cp-20
  // Adding and taking away 1.5 · 2^23 rounds to the nearest integer without a call.
  private static let rounderSingle: Float = 12_582_912

  /// e^x, for x cut to ±80.
  @inline(__always)
  static func exp(_ x: Lanes) -> Lanes {
    let x = x.clipped(80)
    let shifted = x * log2eSingle + rounderSingle
    let power = shifted - rounderSingle
    let r = (x - power * ln2HighSingle) - power * ln2LowSingle
    var p = r * (1.0 / 5_040) + 1.0 / 720
    p = p * r + 1.0 / 120
    p = p * r + 1.0 / 24
    p = p * r + 1.0 / 6
    p = p * r + 0.5
    p = (p * r * r + r) + 1
    // The rounded power stands in the low bits of `shifted`, from where it becomes the exponent of 2^power.
    let bits = (unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &<< 23) &+ 0x3f80_0000
    return p * unsafeBitCast(bits, to: Lanes.self)
  }

  @inline(__always)
  static func exp(_ x: SIMD16<Float>) -> SIMD16<Float> {
    SIMD16(lowHalf: exp(x.lowHalf), highHalf: exp(x.highHalf))
  }

  @inline(__always)
  static func exp(_ x: SIMD4<Float>) -> SIMD4<Float> {
    exp(Lanes(lowHalf: x, highHalf: SIMD4())).lowHalf
  }

  @inline(__always)
  static func exp(_ x: Float) -> Float {
    exp(Lanes(repeating: x))[0]
  }

  /// 1/(1 + e^−z).
  @inline(__always)
  static func sigmoid(_ z: Lanes) -> Lanes {
    1 / (1 + exp(-z))
  }

  @inline(__always)
  static func sigmoid(_ z: SIMD4<Float>) -> SIMD4<Float> {
    1 / (1 + exp(-z))
  }

  @inline(__always)
  static func sigmoid(_ z: Float) -> Float {
    1 / (1 + exp(-z))
  }
}

// The standard library takes roots of vectors lane by lane, each behind a branch.
extension Elementary {
  /// 1/√x for x from 1e-37 on: a guess from the halved exponent and `steps` steps of Newton's, one, two or three, after
  /// which the relative error is below 2e-3, 5e-6 or 3e-7.
  @inline(__always)
  static func inverseRoot(_ x: Lanes, steps: Int) -> Lanes {
    let half = x * 0.5
    let bits = 0x5f37_59df &- (unsafeBitCast(x, to: SIMD8<UInt32>.self) &>> 1)
    var y = unsafeBitCast(bits, to: Lanes.self)
    for _ in 0..<steps { y *= 1.5 - half * y * y }
    return y
  }

  @inline(__always)
  static func inverseRoot(_ x: SIMD16<Float>, steps: Int) -> SIMD16<Float> {
    SIMD16(lowHalf: inverseRoot(x.lowHalf, steps: steps), highHalf: inverseRoot(x.highHalf, steps: steps))
  }
}

extension SIMD4<Float> {
  @inline(__always)
  func clipped(_ bound: Float) -> Self {
    let top = Self(repeating: bound)
    let cut = replacing(with: top, where: self .> top)
    return cut.replacing(with: -top, where: cut .< -top)
  }
}

extension SIMD8<Float> {
  @inline(__always)
  func clipped(_ bound: Float) -> Self {
    let top = Self(repeating: bound)
    return atMost(top).atLeast(-top)
  }

  @inline(__always)
  func atMost(_ top: Self) -> Self { replacing(with: top, where: self .> top) }

  @inline(__always)
  func atLeast(_ bottom: Self) -> Self { replacing(with: bottom, where: self .< bottom) }
}

extension SIMD16<Float> {
  @inline(__always)
  func clipped(_ bound: Float) -> Self {
    let top = Self(repeating: bound)
    return atMost(top).atLeast(-top)
  }

  @inline(__always)
  func atMost(_ top: Self) -> Self { replacing(with: top, where: self .> top) }

  @inline(__always)
  func atLeast(_ bottom: Self) -> Self { replacing(with: bottom, where: self .< bottom) }
}

extension Float {
  @inline(__always)
  func clipped(_ bound: Float) -> Float {
    self < -bound ? -bound : self > bound ? bound : self
  }
}

// Sums and largest elements in halves: what each adds up is then the same on every machine, and short.

extension SIMD8<Float> {
  @inline(__always)
  var total: Float {
    let four = lowHalf + highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }

  @inline(__always)
  var top: Float {
    let four = lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf)
    let (one, other) = (four.lowHalf, four.highHalf)
    let two = one.replacing(with: other, where: other .> one)
    return two[0] > two[1] ? two[0] : two[1]
  }
}

extension SIMD16<Float> {
  @inline(__always)
  var total: Float { (lowHalf + highHalf).total }

  @inline(__always)
  var top: Float { lowHalf.atLeast(highHalf).top }
}

/// Exponential, logarithm and what follows from them, in basic IEEE arithmetic alone: an artifact's bytes then depend
/// on the build and not on the mathematics library of the machine. Errors stay within a few units in the last place.
enum Elementary {
  private static let log2e = 1.442_695_040_888_963_4
  // ln 2 in two parts: the high one has 20 trailing zero bits, so its product with an exponent is exact.
  private static let ln2High = 0x1.62e42feep-1
  private static let ln2Low = 0x1.a39ef35793c76p-33
  // Adding and taking away 1.5 · 2^52 rounds to the nearest integer without a call.
  private static let rounder = 6_755_399_441_055_744.0

  static func exp(_ x: Double) -> Double {
    guard x < 709.782_712_893_384 else { return x.isNaN ? x : .infinity }
    guard x > -745.14 else { return 0 }
    let power = (x * log2e + rounder) - rounder
    let r = (x - power * ln2High) - power * ln2Low
    // Halving the exponent keeps both factors normal where the result is not.
    let exponent = Int(power)
    let half = exponent >> 1
    return taylor(r) * powerOfTwo(half) * powerOfTwo(exponent - half)
  }

  /// exp(r) for |r| ≤ ln 2 / 2, where the terms left out are below 1e-17.
  private static func taylor(_ r: Double) -> Double {
    var p = 1.0 / 6_227_020_800
    p = p * r + 1.0 / 479_001_600
    p = p * r + 1.0 / 39_916_800
    p = p * r + 1.0 / 3_628_800
    p = p * r + 1.0 / 362_880
    p = p * r + 1.0 / 40_320
    p = p * r + 1.0 / 5_040
    p = p * r + 1.0 / 720
    p = p * r + 1.0 / 120
    p = p * r + 1.0 / 24
    p = p * r + 1.0 / 6
    p = p * r + 0.5
    return (p * r * r + r) + 1
  }

  private static func powerOfTwo(_ exponent: Int) -> Double {
    Double(bitPattern: UInt64(exponent + 1_023) << 52)
  }

  static func log(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? -.infinity : .nan }
    guard x < .infinity else { return x }
    var exponent = 0.0
    var bits = x.bitPattern
    if x < Double.leastNormalMagnitude {
      bits = (x * 0x1p54).bitPattern
      exponent = -54
    }
    exponent += Double(Int(bits >> 52) - 1_023)
    var m = Double(bitPattern: bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000)
    if m > 1.414_213_562_373_095_1 {
      m /= 2
      exponent += 1
    }
    // log m = 2 artanh((m − 1)/(m + 1)), written so that the leading term m − 1 is exact.
    let f = m - 1
    let s = f / (2 + f)
    let tail = s * (f - 2 * artanhTail(s * s))
    return exponent * ln2High - ((tail - exponent * ln2Low) - f)
  }

  /// artanh(s)/s − 1 = z/3 + z²/5 + …, z = s² ≤ 0.0295.
  private static func artanhTail(_ z: Double) -> Double {
    var p = 1.0 / 23
    p = p * z + 1.0 / 21
    p = p * z + 1.0 / 19
    p = p * z + 1.0 / 17
    p = p * z + 1.0 / 15
    p = p * z + 1.0 / 13
    p = p * z + 1.0 / 11
    p = p * z + 1.0 / 9
    p = p * z + 1.0 / 7
    p = p * z + 1.0 / 5
    p = p * z + 1.0 / 3
    return p * z
  }

  /// 1/(1 + e^−z), without overflow at either end.
  static func sigmoid(_ z: Double) -> Double {
    if z >= 0 { return 1 / (1 + exp(-z)) }
    let e = exp(z)
    return e / (1 + e)
  }

  /// Turns logits into probabilities in place.
  static func softmax(_ logits: inout [Double]) {
    let top = logits.max() ?? 0
    var sum = 0.0
    for output in logits.indices {
      logits[output] = exp(logits[output] - top)
      sum += logits[output]
    }
    for output in logits.indices { logits[output] /= sum }
  }

  /// Turns the logits in a range that is not empty into probabilities in place.
  static func softmax(_ logits: inout [Float], in range: Range<Int>) {
    var top = logits[range.lowerBound]
    for output in range { top = max(top, logits[output]) }
    var sum: Float = 0
    for output in range {
      logits[output] = exp(logits[output] - top)
      sum += logits[output]
    }
    for output in range { logits[output] /= sum }
  }
}

extension Double {
  func clipped(_ bound: Double) -> Double {
    self < -bound ? -bound : self > bound ? bound : self
  }
}

/// The incomplete gamma function, from which the chi-square and the normal distribution follow.
enum Gamma {
  /// ln Γ(x) for x > 0: Stirling's series above 12, the recurrence below. Absolute error about 1e-15 · ln Γ.
  static func logGamma(_ x: Double) -> Double {
    var shifted = x
    var product = 1.0
    while shifted < 12 {
      product *= shifted
      shifted += 1
    }
    let inverse = 1 / shifted
    let square = inverse * inverse
    var series = -691.0 / 360_360
    for coefficient in [1.0 / 1_188, -1.0 / 1_680, 1.0 / 1_260, -1.0 / 360, 1.0 / 12] {
      series = series * square + coefficient
    }
    let halfLogTwoPi = 0.9189385332046728
    return (shifted - 0.5) * Elementary.log(shifted) - shifted + halfLogTwoPi + series * inverse
      - Elementary.log(product)
  }

  /// Q(a, x) = Γ(a, x) / Γ(a): the upper tail, for a > 0 and x ≥ 0.
  ///
  /// Power series below a + 1, Lentz's continued fraction above (Abramowitz and Stegun 6.5.29, 6.5.31), so a small
  /// tail keeps its relative accuracy, about 1e-13.
  static func upperTail(_ a: Double, _ x: Double) -> Double {
    guard x > 0 else { return 1 }
    let factor = Elementary.exp(a * Elementary.log(x) - x - logGamma(a))
    return x < a + 1 ? 1 - factor * lowerSeries(a, x) : factor * upperFraction(a, x)
  }

  private static let mostTerms = 10_000

  private static func lowerSeries(_ a: Double, _ x: Double) -> Double {
    var term = 1 / a
    var sum = term
    for index in 1...mostTerms {
      term *= x / (a + Double(index))
      sum += term
      if term < sum * 1e-17 { break }
    }
    return sum
  }

  private static func upperFraction(_ a: Double, _ x: Double) -> Double {
    let tiny = 1e-300
    var b = x + 1 - a
    var c = 1 / tiny
    var d = 1 / b
    var value = d
    for index in 1...mostTerms {
      let i = Double(index)
      let numerator = i * (a - i)
      b += 2
      d = numerator * d + b
      if d.magnitude < tiny { d = tiny }
      c = b + numerator / c
      if c.magnitude < tiny { c = tiny }
      d = 1 / d
      value *= c * d
      if (c * d - 1).magnitude < 1e-16 { break }
    }
    return value
  }
}

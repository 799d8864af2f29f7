/// The chi-square distribution.
public enum ChiSquare {
  /// P(X > x) with `degrees` of freedom, at least 1. Relative error about 1e-13, far tail included.
  public static func upperTail(_ x: Double, degrees: Int) -> Double {
    Gamma.upperTail(Double(max(degrees, 1)) / 2, max(x, 0) / 2)
  }

  /// The x that is exceeded with probability `alpha`; 0 for alpha ≥ 1, infinity for alpha ≤ 0. About 10 µs.
  ///
  /// Newton's method on ln P(X > x), which is concave, kept inside a bracket.
  public static func quantile(upper alpha: Double, degrees: Int) -> Double {
    guard alpha < 1 else { return 0 }
    guard alpha > 0 else { return .infinity }
    let target = Elementary.log(alpha)
    let shape = Double(max(degrees, 1)) / 2
    var low = 0.0
    var high = 2 * shape + 10 - 4 * target + 4 * (shape * -target).squareRoot()
    var x = 2 * shape
    for _ in 0..<200 {
      let tail = Gamma.upperTail(shape, x / 2)
      let error = tail > 0 ? Elementary.log(tail) - target : -.infinity
      if error > 0 { low = x } else { high = x }
      let logDensity = (shape - 1) * Elementary.log(x / 2) - x / 2 - Gamma.logGamma(shape)
      let newton = tail > 0 ? x + error * tail * 2 / Elementary.exp(logDensity) : high
      let next = low < newton && newton < high ? newton : (low + high) / 2
      defer { x = next }
      if (next - x).magnitude <= 1e-15 * x { break }
    }
    return x
  }
}

/// The standard normal distribution.
public enum Normal {
  /// P(Z > z). Relative error about 1e-13, far tail included.
  public static func upperTail(_ z: Double) -> Double {
    let half = 0.5 * Gamma.upperTail(0.5, z * z / 2)
    return z >= 0 ? half : 1 - half
  }

  /// The z that is exceeded with probability `alpha`; infinite at 0 and 1.
  public static func quantile(upper alpha: Double) -> Double {
    if alpha > 0.5 { return -quantile(upper: 1 - alpha) }
    return ChiSquare.quantile(upper: 2 * alpha, degrees: 1).squareRoot()
  }
}

/// The limiting distribution of √(nN/(n + N)) times the two-sample Kolmogorov–Smirnov distance.
public enum Kolmogorov {
  /// P(X > x) = 2 Σ (−1)^(k−1) exp(−2k²x²); below 0.2 it is 1 to within 1e-12.
  public static func upperTail(_ x: Double) -> Double {
    guard x > 0.2 else { return 1 }
    var sum = 0.0
    var sign = 1.0
    for k in 1...40 {
      let term = Elementary.exp(-2 * Double(k * k) * x * x)
      sum += sign * term
      sign = -sign
      if term < 1e-18 * sum { break }
    }
    return min(2 * sum, 1)
  }

  /// The x that is exceeded with probability `alpha`, by bisection; for alpha from 1e-300 to 1.
  public static func quantile(upper alpha: Double) -> Double {
    var low = 0.0
    var high = 20.0
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if upperTail(middle) > alpha { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

/// How wide a bound lies from an estimate, counted in standard deviations of a normal error.
public enum Deviations: Int, Hashable, Sendable, CaseIterable {
  /// A one-sided bound that holds in 84.1 % of all cases.
  case one = 1
  /// In 97.7 %.
  case two = 2
  /// In 99.87 %.
  case three = 3
}

extension DistinctSketch {
  /// The number of different values, at most 2^62. Cost: constant for one stream, 2^lgK steps after merges.
  ///
  /// For one stream the historic inverse probability estimate, the same to the bit as in DataSketches. After merges
  /// Ertl's improved estimate (2017) from the registers alone: no thresholds, no tables, and so no bias where estimators
  /// of different ranges meet.
  public var estimate: Double {
    guard let registers else { return coupons.estimate }
    return registers.history?.estimate ?? registers.estimate
  }

  /// A figure that the true number is not below, at the rate that `deviations` names.
  public func lowerBound(_ deviations: Deviations = .two) -> Double {
    guard let registers else {
      let error = CouponTable.error * Double(deviations.rawValue)
      return max(coupons.estimate / (1 + error), Double(coupons.count))
    }
    let error = DistinctError.below(lgK: lgK, merged: registers.history == nil, deviations)
    let seen = registers.values.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
    return max(estimate / (1 + error), Double(seen))
  }

  /// A figure that the true number is not above, at the rate that `deviations` names.
  public func upperBound(_ deviations: Deviations = .two) -> Double {
    guard let registers else {
      let error = CouponTable.error * Double(deviations.rawValue)
      return max(coupons.estimate / (1 - error), Double(coupons.count))
    }
    let error = DistinctError.above(lgK: lgK, merged: registers.history == nil, deviations)
    return estimate / (1 - error)
  }
}

extension CouponTable {
  /// Relative standard error at the most coupons that a sketch holds.
  fileprivate static let error = 0.409 / 8_192
}

extension RegisterArray {
  /// Largest estimate, so that it converts to an integer whatever bytes it came from.
  static let mostValues = 0x1p62

  /// Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), section 2, less its bias.
  ///
  /// The bias is that of a quotient: c / (number of registers), where c, measured on 2^4 to 2^9 registers, rises from 0.55
  /// for few values a register to 1.12 for many. At 2^4 registers it would be 7 %, at 2^12 it is a fiftieth of the error.
  var estimate: Double {
    let counts = histogram
    let total = Double(values.count)
    let saturated = counts.count - 1
    var sum = total * Self.tau(1 - Double(counts[saturated]) / total)
    for value in stride(from: saturated - 1, through: 1, by: -1) {
      sum = 0.5 * (sum + Double(counts[value]))
    }
    sum += total * Self.sigma(Double(counts[0]) / total)
    // 1 / (2 ln 2)
    let load = min(0.721_347_520_444_481_7 * total / sum, Self.mostValues / total)
    let bias = 1.12 - 0.57 / (1 + load * (0.3 + 0.12 * load))
    return load * total / (1 + bias / total)
  }

  /// x + Σ x^(2^k) 2^(k−1), for registers that nothing has hit.
  private static func sigma(_ x: Double) -> Double {
    guard x < 1 else { return .infinity }
    var (power, weight, sum, last) = (x, 1.0, x, -1.0)
    while sum != last {
      last = sum
      power *= power
      sum += power * weight
      weight += weight
    }
    return sum
  }

  /// (1 − x − Σ (1 − x^(2^−k))² 2^−k) / 3, for registers at their largest value.
  private static func tau(_ x: Double) -> Double {
    guard x > 0, x < 1 else { return 0 }
    var (root, weight, sum, last) = (x, 1.0, 1 - x, -1.0)
    while sum != last {
      last = sum
      root = root.squareRoot()
      weight *= 0.5
      sum -= (1 - root) * (1 - root) * weight
    }
    return sum / 3
  }
}

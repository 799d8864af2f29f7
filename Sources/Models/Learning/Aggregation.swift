import Bytes

/// Sixteen inputs of a mixture side by side.
typealias Members = SIMD16<Float>

/// Bernstein online aggregation (Wintenberger 2017, *Machine Learning* 106) of up to 16 predictors, with forgetting: the
/// convex weights follow each member's regret against the mixture, less its variance. There is no rate to choose.
struct Aggregation: Equatable, Sendable {
  private static let leastVariance: Float = 1e-2
  private static let floor: Float = 1e-12

  /// 1 for a member, 0 for a lane without one.
  let mask: Members
  /// 0 for a member, and for a lane without one what makes its exponential nothing.
  private let bias: Members
  private let keep: Float
  /// √(ln K).
  private let rootOfLogCount: Float
  /// Those of lanes without a member count for nothing.
  private var regrets = Members()
  private var variances = Members(repeating: Aggregation.leastVariance)
  /// Follow from the variances; 0 without a member.
  private var rates = Members()
  /// Non-negative, sum 1.
  private(set) var weights = Members()

  var count: Int { Int(mask.total) }

  init(mask: Members, forgetting: Float) {
    self.mask = mask
    bias = (mask - 1) * 1e30
    keep = 1 - forgetting
    rootOfLogCount = mask.total > 1 ? Float(Elementary.log(Double(mask.total)).squareRoot()) : 1
    refresh()
  }

  /// Moves by one row: `gains` are each member's −∂loss · (its output − the mixture's), summed over outputs.
  @inline(__always)
  mutating func update(gains: Members) {
    let squares = gains * gains
    regrets = keep * regrets + gains - rates * squares
    // Far below what makes a rate of 1, and far above what would become subnormal.
    variances = (keep * variances + squares).atLeast(Members(repeating: Aggregation.floor))
    refresh()
  }

  /// Σ weight · input.
  @inline(__always)
  func mix(_ inputs: Members) -> Float { (weights * inputs).total }

  @inline(__always)
  private mutating func refresh() {
    rates = mask * (rootOfLogCount * Elementary.inverseRoot(variances, steps: 3)).atMost(Members(repeating: 1))
    let exponents = rates * regrets + bias
    let shares = rates * Elementary.exp(exponents - exponents.top)
    weights = shares * (1 / shares.total)
  }
}

extension Aggregation {
  func encode(into writer: inout ByteWriter) {
    for lane in mask.indices where mask[lane] != 0 {
      writer.append(regrets[lane])
      writer.append(variances[lane])
    }
  }

  /// Reads what was written of one with the same members.
  mutating func decode(from reader: inout ByteReader) throws(ByteError) {
    for lane in mask.indices where mask[lane] != 0 {
      regrets[lane] = try reader.finite(in: -1e15...1e15)
      variances[lane] = max(try reader.finite(in: 0...1e15), Aggregation.floor)
    }
    refresh()
  }
}

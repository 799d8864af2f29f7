import Bytes

/// Sixteen inputs of a mixture side by side.
typealias Members = SIMD16<Float>

/// Bernstein online aggregation (Wintenberger 2017, *Machine Learning* 106) of up to 16 predictors, with forgetting: the
/// convex weights follow each member's regret against the mixture, less its variance. There is no rate to choose.
struct Aggregation: Equatable, Sendable {
  private static let leastVariance: Float = 1e-2

  /// 1 for a member, 0 for a lane without one.
  let mask: Members
  private let keep: Float
  private let logCount: Float
  private var regrets = Members()
  private var variances = Members(repeating: Aggregation.leastVariance)
  /// Non-negative, sum 1.
  private(set) var weights = Members()

  var count: Int { Int(mask.total) }

  init(mask: Members, forgetting: Float) {
    self.mask = mask
    keep = 1 - forgetting
    logCount = mask.total > 1 ? Float(Elementary.log(Double(mask.total))) : 1
    refresh()
  }

  /// Moves by one row: `gains` are each member's −∂loss · (its output − the mixture's), summed over outputs.
  @inline(__always)
  mutating func update(gains: Members) {
    let gains = mask * gains
    let squares = gains * gains
    regrets = keep * regrets + gains - rates * squares
    variances = keep * variances + squares
    refresh()
  }

  /// Σ weight · input.
  @inline(__always)
  func mix(_ inputs: Members) -> Float { (weights * inputs).total }

  private var rates: Members {
    (logCount / variances).squareRoot().atMost(Members(repeating: 1))
  }

  @inline(__always)
  private mutating func refresh() {
    let rates = rates
    let exponents = (rates * regrets).replacing(with: Members(repeating: -1e30), where: mask .== Members())
    let shifted = Elementary.exp(exponents - exponents.top)
    let shares = mask * rates * shifted
    weights = shares / shares.total
  }
}

extension Aggregation {
  func encode(into writer: inout ByteWriter) {
    for lane in mask.indices where mask[lane] != 0 {
      writer.append(regrets[lane])
      writer.append(variances[lane])
    }
  }

  init(from reader: inout ByteReader, mask: Members, forgetting: Float) throws(ByteError) {
    self.init(mask: mask, forgetting: forgetting)
    for lane in mask.indices where mask[lane] != 0 {
      regrets[lane] = try reader.finite(in: -1e15...1e15)
      variances[lane] = try reader.finite(in: 0...1e15)
    }
    refresh()
  }
}

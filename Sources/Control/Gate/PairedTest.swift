import Drift

/// Evidence that the mean of a paired difference x is above 0, row by row, for as many looks as one likes: a test by
/// betting.
///
/// Eight gamblers bet the shares λ_k = (0.9/M)·2^−k, k = 0…7, of what they own on x > 0 in every row; M is the largest
/// −x that any label of a row so far could have brought, the row at hand included: known from the predictions, before
/// the label. Their fortunes, exp W_k with W_k = Σ ln(1 + λ_k·x), are mixed with weights in proportion to 2^−k:
///
///     E = Σ w_k·exp(W_k/τ)
///
/// While every row's expectation of x is at most 0, E is a supermartingale for τ = 1, so that it ever reaches 1/α with
/// probability at most α (Ville 1939; Waudby-Smith and Ramdas, "Estimating means of bounded random variables by
/// betting", 2024; Ramdas, Grünwald, Vovk and Shafer, "Game-theoretic statistics and safe anytime-valid inference",
/// 2023). That is exact for rows whose differences are independent, or have such an expectation whatever came before.
///
/// Rows that depend on each other, and a mean that is at most 0 only over regimes, are what τ ≥ 1 is for: by how much
/// sums over blocks vary more than those of independent rows. With it the promise is measured, not proven; where a few
/// long regimes carry all the harm it fails.
///
/// A row costs about 0.1 µs, a look about 0.3 µs; space is constant.
public struct PairedTest: Hashable, Sendable {
  static let bets = 8
  /// What M is at least, in units of the loss.
  static let leastBound = 0.05
  /// The largest share of what is owned that a bet is, over M.
  static let largestShare = 0.9

  /// Dependence that is known from earlier rows, at least 1: see `LossHistory`.
  public let priorDependence: Double
  /// M.
  var bound = PairedTest.leastBound
  /// W_k.
  var logWealth = [Double](repeating: 0, count: PairedTest.bets)
  var differences = RunningMean()
  var blocks = BlockSums()

  public init(priorDependence: Double = 1) {
    self.priorDependence = priorDependence.isFinite ? max(priorDependence, 1) : 1
  }

  /// Takes a row in, in request order.
  ///
  /// - Parameters:
  ///   - difference: x, in units of the loss.
  ///   - least: the smallest x that any label could have brought. A larger one than `difference` is mended by it.
  /// - Returns: false for numbers that are not finite or beyond all measure; then nothing changes.
  @discardableResult
  public mutating func add(_ difference: Double, least: Double) -> Bool {
    guard difference.magnitude <= GateLimits.difference, least.magnitude <= GateLimits.difference,
      rows < GateLimits.rows
    else { return false }
    bound = max(bound, -least, -difference)
    var share = Self.largestShare / bound
    for bet in 0..<Self.bets {
      logWealth[bet] += Elementary.log(1 + share * difference)
      share *= 0.5
    }
    differences.add(difference)
    blocks.add(difference)
    return true
  }

  /// The test of the rows alone that came since the fortunes were `base`.
  ///
  /// - Parameter least: τ at least, beside the one known from earlier rows.
  func since(
    _ base: [Double], differences: RunningMean, blocks: BlockSums, dependence least: Double
  ) -> PairedTest {
    var test = PairedTest(priorDependence: max(priorDependence, least))
    test.bound = bound
    for bet in 0..<Self.bets { test.logWealth[bet] = logWealth[bet] - base[bet] }
    test.differences = differences
    test.blocks = blocks
    return test
  }

  public var rows: Int { differences.count }

  /// Mean of x, in units of the loss.
  public var mean: Double { differences.mean }

  /// Standard deviation of x, in units of the loss.
  public var deviation: Double { differences.variance.squareRoot() }

  /// τ, at least 1: how many rows carry the evidence of one.
  public var dependence: Double {
    max(priorDependence, blocks.inflation(mean: mean, variance: differences.variance))
  }

  /// ln E.
  public var logEvidence: Double { logEvidence(dependence) }

  private func logEvidence(_ dependence: Double) -> Double {
    var largest = -Double.infinity
    for bet in 0..<Self.bets { largest = max(largest, Self.logWeights[bet] + logWealth[bet] / dependence) }
    var sum = 0.0
    for bet in 0..<Self.bets { sum += Elementary.exp(Self.logWeights[bet] + logWealth[bet] / dependence - largest) }
    return largest + Elementary.log(sum)
  }

  private static let logWeights: [Double] = (0..<bets).map {
    // Σ 2^−k = 2 − 2^−7.
    Elementary.log(Double(sign: .plus, exponent: -$0, significand: 1) / (2 - 1.0 / 128))
  }

  /// Whether the mean is proven to be above 0 at `alpha`, between 0 and 1.
  public func proves(alpha: Double) -> Bool { logEvidence >= Self.logThreshold(alpha) }

  /// What ln E must reach.
  public static func logThreshold(_ alpha: Double) -> Double {
    -Elementary.log(min(max(alpha, 1e-300), 1))
  }

  /// About how many rows a proof takes in all if the rows to come are like those so far:
  /// 2(ln(1/α) + 2.4)·sd²·τ/mean², which is 10.8·sd²·τ/mean² at α = 0.05. The 2.4 is what mixing bets costs; measured.
  /// Nil where the mean is not above 0: no number of such rows suffices.
  public func rowsNeeded(alpha: Double) -> Int? {
    guard mean > 0 else { return nil }
    let rows = 2 * (Self.logThreshold(alpha) + 2.4) * differences.variance * dependence / (mean * mean)
    return rows < Double(GateLimits.rows) ? Int(rows.rounded(.up)) : nil
  }
}

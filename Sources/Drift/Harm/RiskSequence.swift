import Sketches

/// A confidence sequence for a mean of non-negative losses less a yardstick's, from the moments of panes.
///
/// For rows d = x − r, r being the yardstick of the row's version, and centres c that only earlier panes decide,
/// exp(λΣ(d − μ)/u − ψ(λ)Σ(d − c)²/u²) is a supermartingale as soon as d − c ≥ −u (Howard, Ramdas, McAuliffe and Sekhon
/// 2021); downwards as soon as c − d ≥ −u. Mixed over λ = 0.9·2^−k, and solved for μ where the mixture reaches 2/α.
/// Then μ, the mean of the rows' conditional means, lies inside at every look with probability at least 1 − α for
/// independent rows; dependence enters as the exponent 1/τ, which is measured rather than proven.
struct RiskSequence: Hashable {
  /// Bets of either side.
  static let bets = 12

  private(set) var rows = 0.0
  private(set) var sum = 0.0
  /// Σ(d − c)².
  private(set) var squares = 0.0
  /// Units of either side; nil upwards where no bound of the loss is known.
  let lowUnit: Double
  let highUnit: Double?
  private let largestReference: Double
  private let smallestReference: Double

  /// - Parameters:
  ///   - references: the least and the greatest yardstick of the rows to come, at least 0.
  ///   - bound: the largest loss that a row can show.
  init(references: ClosedRange<Double>, bound: Double?) {
    smallestReference = references.lowerBound
    largestReference = references.upperBound
    // d ≥ −r and c ≤ r, so d − c ≥ −2r. Too small a unit would allow bets that one loss ruins.
    lowUnit = max(2 * references.upperBound, (bound ?? 0) / 16, 1e-9)
    // d ≤ bound − r and c ≥ −r.
    highUnit = bound
  }

  /// Takes a pane in: its losses, and the yardstick of its version.
  mutating func add(_ pane: Moments, reference: Double) {
    let count = Double(pane.count)
    guard count > 0 else { return }
    let center = rows > 0 ? min(max(sum / rows, -smallestReference), largestReference) : 0
    let excess = pane.mean - reference
    squares += pane.m2 + count * (excess - center) * (excess - center)
    sum += count * excess
    rows += count
  }

  /// Bounds of μ; infinite where nothing is known.
  func interval(alpha: Double, correlation: Double) -> (low: Double, high: Double) {
    guard rows > 0, sum.isFinite, squares.isFinite, alpha > 0 else { return (-.infinity, .infinity) }
    let mean = sum / rows
    let reach = Elementary.log(2 / min(alpha, 1)) * correlation + Elementary.log(Double(Self.bets)) * correlation
    let low = mean - distance(unit: lowUnit, reach: reach, correlation: correlation)
    let high = highUnit.map { mean + distance(unit: $0, reach: reach, correlation: correlation) }
    return (max(low, -largestReference), high ?? .infinity)
  }

  /// The distance x from the mean at which Σ_k exp((λ_k·n·x/u − ψ_k·V/u²)/τ)/bets reaches 2/α; the exponent is linear in
  /// x, so the largest term alone brackets it: it is never further than where that one reaches it.
  private func distance(unit: Double, reach: Double, correlation: Double) -> Double {
    let bets = (0..<Self.bets).map { index -> (slope: Double, offset: Double) in
      let size = 0.9 * Double(sign: .plus, exponent: -index, significand: 1)
      let psi = -Elementary.log(1 - size) - size
      return (size * rows / unit, psi * squares / (unit * unit))
    }
    var outer = bets.map { (reach + $0.offset) / $0.slope }.min() ?? .infinity
    var inner = 0.0
    let goal = reach / correlation
    for _ in 0..<40 {
      let middle = (inner + outer) / 2
      let reached = RiseDetector.logSum(bets.map { ($0.slope * middle - $0.offset) / correlation })
      if reached < goal { inner = middle } else { outer = middle }
    }
    return outer
  }
}

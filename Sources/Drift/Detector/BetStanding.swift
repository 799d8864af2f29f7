/// How four bets stand, a lane each; lanes without a bet weigh 0.
struct BetStanding: Hashable, Sendable {
  typealias Lanes = SIMD4<Double>

  /// Of a pane's factor.
  private static let mostLogarithm = 345.0

  let weights: Lanes
  /// R.
  var ratios = Lanes.zero
  /// The sums of logarithms since they were last at or below 0, and the start of the pane where that was: the most likely
  /// time of a change in the bet's favour (Page 1954).
  var walks = Lanes.zero
  var onsets = SIMD4<Int64>(repeating: .min)

  init(weights: Lanes) { self.weights = weights }

  /// Where bet `bet` of many stands: in which four, and in which of their lanes.
  @inline(__always)
  static func place(of bet: Int) -> (standing: Int, lane: Int) {
    (bet / Lanes.scalarCount, bet % Lanes.scalarCount)
  }

  /// Takes the logarithms of the factors over a pane that starts at `start`.
  @inline(__always)
  mutating func walk(_ logarithms: Lanes, start: Int64) {
    let anew = walks .<= 0
    walks.replace(with: 0, where: anew)
    onsets.replace(with: start, where: anew)
    walks += logarithms
  }

  /// Of logarithms; none so large that it is infinite.
  @inline(__always)
  static func factors(_ logarithms: Lanes) -> Lanes {
    Elementary.exp(logarithms.replacing(with: mostLogarithm, where: logarithms .> mostLogarithm))
  }

  /// Takes the factors over a pane of `rows` rows.
  @inline(__always)
  mutating func grow(_ factors: Lanes, rows: Double) {
    ratios = (rows + ratios) * factors
    ratios.replace(with: DetectorTuning.mostEvidence, where: ratios .> DetectorTuning.mostEvidence)
  }

  /// Adds the weighted ratios, one after the other.
  @inline(__always)
  func weigh(into level: inout Double) {
    let parts = weights * ratios
    for lane in 0..<Lanes.scalarCount { level += parts[lane] }
  }
}

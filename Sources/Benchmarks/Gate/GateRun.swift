import Control
import Events
import Models

/// One challenger of known worth before the gate.
struct GateRun: Sendable {
  /// Rows at the first look at which it was proven not to be worse, whatever else the gate asks for.
  private(set) var provenAt: Int?
  /// What the gate decided first, and after how many rows; `shadow` where it never did.
  private(set) var outcome = GateOutcome.shadow
  private(set) var decidedAt: Int?
  private(set) var dependence = 1.0

  /// - Parameters:
  ///   - draw: the stream's, of a challenger of this worth.
  ///   - goesOn: whether rows are taken to the end once it is decided.
  init(_ stream: PairStream, _ draw: PairStream.Draw, seed: Int, _ options: GateOptions, goesOn: Bool) {
    // Seeds in a row would give one sequence, shifted.
    var seeds = SplitMix64(seed: UInt64(seed) &* 977 &+ 20_261)
    var random = SplitMix64(seed: seeds.next())
    let gate = PromotionGate(options.gate)
    let pairs = draw(options.rows, &random)
    var trial = ChallengerTrial(
      gate.configuration, task: .binary, knownDependence: stream.hasHistory ? history(draw, &random) : nil)
    for (row, pair) in pairs.enumerated() {
      trial.add(pair)
      guard (row + 1) % 50 == 0, row + 1 >= trial.minimumRows else { continue }
      let record = gate.judge(trial)
      dependence = record.promotion?.dependence ?? 1
      if provenAt == nil, record.promotion?.isProof == true { provenAt = row + 1 }
      if decidedAt == nil, record.outcome == .promote || record.outcome == .reject {
        (decidedAt, outcome) = (row + 1, record.outcome)
      }
      if !goesOn, decidedAt != nil { break }
    }
  }

  private func history(_ draw: PairStream.Draw, _ random: inout SplitMix64) -> Double? {
    var history = LossHistory()
    for pair in draw(LossHistory.minimumRows, &random) { history.add(pair.champion) }
    return history.dependence
  }
}

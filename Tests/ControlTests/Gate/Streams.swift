import Events
import Models
import TestSupport

@testable import Control

/// Seeded differences of losses whose mean is known.
enum GateStream: String, CaseIterable {
  case independent, ar5, ar8, ar95, heavyTails, disasters
  /// One block of 200 rows in five carries all the harm.
  case regimes

  /// x = 1.02·L_champion − L_challenger over a champion's loss of 0.5, and the least that x can be.
  func differences(mean: Double, rows: Int, seed: Int) -> (values: [Double], least: Double) {
    var random = SplitMix64(seed: UInt64(seed))
    random = SplitMix64(seed: random.next())
    switch self {
    case .independent: return noise(mean, rows, 2.6) { 0.65 * clip(random.normal(), 4) }
    case .ar5: return autoregressive(0.5, mean, rows, &random)
    case .ar8: return autoregressive(0.8, mean, rows, &random)
    case .ar95: return autoregressive(0.95, mean, rows, &random)
    case .heavyTails:
      return noise(mean, rows, 4.5) {
        let squares = (0..<3).reduce(1e-9) { sum, _ in
          let value = random.normal()
          return sum + value * value
        }
        return 0.15 * clip(random.normal() / (squares / 3).squareRoot(), 30)
      }
    case .disasters: return noise(mean, rows, 4.6) { random.below(500) == 0 ? -4.6 * 0.998 : 4.6 * 0.002 }
    case .regimes:
      var harm = 0.0
      var row = 0
      return noise(mean, rows, 2.2) {
        if row % 200 == 0 { harm = random.below(5) == 0 ? -0.16 : 0.04 }
        row += 1
        return harm + 0.5 * clip(random.normal(), 4)
      }
    }
  }

  private func noise(_ mean: Double, _ rows: Int, _ largest: Double, _ draw: () -> Double) -> ([Double], Double) {
    ((0..<rows).map { _ in mean + draw() }, mean - largest)
  }

  private func autoregressive(
    _ coefficient: Double, _ mean: Double, _ rows: Int, _ random: inout SplitMix64
  ) -> ([Double], Double) {
    var state = random.normal()
    return noise(mean, rows, 1) {
      state = coefficient * state + (1 - coefficient * coefficient).squareRoot() * random.normal()
      return 0.25 * clip(state, 4)
    }
  }

  /// The first look, one every 50 rows from 500 on, at which the mean is proven to be above 0 by the test that runs use.
  func proof(mean: Double, rows: Int, seed: Int) -> Int? {
    let (values, least) = differences(mean: mean, rows: rows, seed: seed)
    var test = StaggeredTest(priorDependence: 1, alpha: 0.05)
    for (row, value) in values.enumerated() {
      let (champion, worst) = (0.5, 0.51 - least)
      let pair = LossPair(
        champion: champion, challenger: 0.51 - value, possible: [(champion: champion, challenger: worst)])
      test.add(pair, .notWorse(by: 0.02))
      if (row + 1) % 50 == 0, row + 1 >= 500, test.proves(alpha: 0.05) { return row + 1 }
    }
    return nil
  }
}

func clip(_ value: Double, _ bound: Double) -> Double { min(max(value, -bound), bound) }

/// Scores and labels of two models of which the challenger follows the truth by `skill`, from 0 to 1, and the champion
/// by `championSkill`.
func scoredRows(
  _ rows: Int, seed: UInt64, championSkill: Double, skill: Double
) -> [(champion: Output, challenger: Output, target: Target)] {
  var random = SplitMix64(seed: seed)
  return (0..<rows).map { _ in
    let truth = 0.1 + 0.8 * random.uniform()
    let label = random.uniform() < truth ? 1.0 : 0.0
    func score(_ skill: Double) -> Output { .number(0.5 + skill * (truth - 0.5)) }
    return (score(championSkill), score(skill), .number(label))
  }
}

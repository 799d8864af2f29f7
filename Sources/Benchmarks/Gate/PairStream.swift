import Control
import Foundation

/// Pairs of losses whose means are known: the challenger's is 1 − gain times the champion's.
struct PairStream: Sendable {
  let name: String
  /// Whether τ0 is measured on 5,000 rows before.
  let hasHistory: Bool
  /// Whether the gate's promise covers it.
  let isPromised: Bool
  /// Draws so many rows.
  typealias Draw = @Sendable (Int, inout SplitMix64) -> [LossPair]
  /// Of a challenger with this gain. The champion's losses do not depend on it.
  let prepared: @Sendable (Double) -> Draw

  init(
    _ name: String, hasHistory: Bool = false, isPromised: Bool = true, prepared: @escaping @Sendable (Double) -> Draw
  ) {
    self.name = name
    self.hasHistory = hasHistory
    self.isPromised = isPromised
    self.prepared = prepared
  }

  /// - Parameter pairs: of gain, rows and generator.
  init(
    _ name: String, isPromised: Bool = true,
    _ pairs: @escaping @Sendable (Double, Int, inout SplitMix64) -> [LossPair]
  ) {
    self.init(name, isPromised: isPromised) { gain in { rows, random in pairs(gain, rows, &random) } }
  }

  /// The champion's mean loss in all generated streams.
  private static let loss = 0.5

  static var synthetic: [PairStream] {
    let deviation = 1.3 * loss
    return [
      noise("iid, sd 1.3 losses", largest: 4 * deviation) { deviation * clipped($0.normal(), 4) },
      noise("iid, sd 1.0 losses", largest: 4 * loss) { loss * clipped($0.normal(), 4) },
      noise("iid, sd 0.5 losses", largest: 2 * loss) { 0.5 * loss * clipped($0.normal(), 4) },
      autoregressive(0.5), autoregressive(0.8), autoregressive(0.95),
      noise("heavy tails, t3", largest: 30 * 0.3 * loss) { 0.3 * loss * clipped(student(&$0), 30) },
      disasters, regimes(oneIn: 5, size: 0.4), regimes(oneIn: 25, size: 2.5),
    ]
  }

  private static func noise(
    _ name: String, largest: Double, _ draw: @escaping @Sendable (inout SplitMix64) -> Double
  ) -> PairStream {
    PairStream(name) { gain, rows, random in
      (0..<rows).map { _ in pair(gain, noise: draw(&random), largest: largest) }
    }
  }

  /// Champion's loss constant, challenger's with all noise.
  private static func pair(_ gain: Double, noise: Double, largest: Double) -> LossPair {
    let mean = loss * (1 - gain)
    return LossPair(
      champion: loss, challenger: mean + noise,
      possible: [(champion: loss, challenger: mean + largest), (champion: loss, challenger: mean - largest)])
  }

  private static func autoregressive(_ coefficient: Double) -> PairStream {
    PairStream("AR(1) \(coefficient)") { gain, rows, random in
      var state = random.normal()
      let fresh = (1 - coefficient * coefficient).squareRoot()
      return (0..<rows).map { _ in
        state = coefficient * state + fresh * random.normal()
        return pair(gain, noise: 0.5 * loss * clipped(state, 4), largest: 2 * loss)
      }
    }
  }

  /// Once in 500 rows the challenger loses as much as a clipped log loss allows; on all others it is a little better.
  private static var disasters: PairStream {
    PairStream("rare disasters") { gain, rows, random in
      let (share, size) = (1.0 / 500, 4.6)
      return (0..<rows).map { _ in
        let noise = random.unit() < share ? size * (1 - share) : -size * share
        return pair(gain, noise: noise, largest: size)
      }
    }
  }

  /// The shape in which the gate fails: a block of 200 rows in `number` carries all the harm, `size` times the
  /// champion's mean loss a row, and a comparison may well see none before it decides.
  private static func regimes(oneIn number: Int, size: Double) -> PairStream {
    PairStream("1 regime of 200 rows in \(number)", isPromised: false) { gain, rows, random in
      let share = 1 / Double(number)
      var harm = 0.0
      return (0..<rows).map { row in
        if row % 200 == 0 { harm = size * loss * ((random.unit() < share ? 1 : 0) - share) }
        return pair(gain, noise: harm + loss * clipped(random.normal(), 4), largest: (size + 4) * loss)
      }
    }
  }

  static func clipped(_ value: Double, _ bound: Double) -> Double { min(max(value, -bound), bound) }

  private static func student(_ random: inout SplitMix64) -> Double {
    let squares = (0..<3).reduce(0) { sum, _ in
      let value = random.normal()
      return sum + value * value
    }
    return random.normal() / (squares / 3).squareRoot()
  }
}

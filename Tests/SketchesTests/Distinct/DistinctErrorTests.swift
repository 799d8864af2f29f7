import TestSupport
import Testing

@testable import Sketches

/// Seeded trials: estimates err as the theory says, and bounds hold at the rate that they state.
@Suite("Distinct counts: error")
struct DistinctErrorTests {
  struct Case: CustomStringConvertible, Sendable {
    let lgK: Int
    let values: Int
    let trials: Int
    var description: String { "2^\(lgK) registers, \(values) values" }
  }

  static let cases = [
    Case(lgK: 4, values: 12, trials: 1_000), Case(lgK: 4, values: 200, trials: 1_000),
    Case(lgK: 6, values: 150, trials: 600), Case(lgK: 8, values: 60, trials: 600),
    Case(lgK: 8, values: 700, trials: 400), Case(lgK: 10, values: 6_000, trials: 60),
    Case(lgK: 12, values: 9_000, trials: 40),
  ]

  /// How estimates of `values` different values came out.
  private static func trials(_ trial: Case, merged: Bool) -> (relative: [Double], outside: [[Int]]) {
    var generator = SplitMix64(seed: UInt64(trial.lgK * 1_000 + trial.values))
    var relative: [Double] = []
    var outside = [[0, 0, 0], [0, 0, 0]]
    let truth = Double(trial.values)
    for _ in 0..<trial.trials {
      let values = (0..<trial.values).map { _ in Int64(bitPattern: generator.next()) }
      var sketch = DistinctSketch(lgK: trial.lgK)
      sketch.update(all: merged ? Array(values.prefix(2 * values.count / 3)) : values)
      if merged {
        var other = DistinctSketch(lgK: trial.lgK)
        other.update(all: Array(values.suffix(2 * values.count / 3)))
        sketch.merge(other)
      }
      relative.append(sketch.estimate / truth - 1)
      for deviations in Deviations.allCases {
        let index = deviations.rawValue - 1
        if sketch.lowerBound(deviations) > truth { outside[0][index] += 1 }
        if sketch.upperBound(deviations) < truth { outside[1][index] += 1 }
      }
    }
    return (relative, outside)
  }

  /// Tail probabilities of the normal distribution; three standard deviations of chance on top.
  private static func allowed(_ trials: Int) -> [Int] {
    [0.158_66, 0.022_75, 0.001_35].map { rate in
      let expected = rate * Double(trials)
      return Int((expected + 3 * expected.squareRoot()).rounded(.up)) + 1
    }
  }

  @Test("One stream", arguments: cases)
  func stream(trial: Case) {
    Self.check(trial, merged: false, factor: 0.832_55)
  }

  @Test("Merged streams", arguments: cases)
  func merged(trial: Case) {
    Self.check(trial, merged: true, factor: 1.038_96)
  }

  private static func check(_ trial: Case, merged: Bool, factor: Double) {
    let (relative, outside) = trials(trial, merged: merged)
    let error = factor / Double(1 << trial.lgK).squareRoot()
    let count = Double(trial.trials)
    let bias = relative.reduce(0, +) / count
    let deviation = (relative.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
    #expect(abs(bias) < 3.5 * error / count.squareRoot() + 0.1 * error, "bias \(bias)")
    #expect(deviation < error * (1.12 + 2.5 / (2 * count).squareRoot()), "error \(deviation), expected \(error)")
    for (side, counts) in outside.enumerated() {
      for (index, (found, most)) in zip(counts, allowed(trial.trials)).enumerated() {
        #expect(found <= most, "\(side == 0 ? "lower" : "upper") bound at \(index + 1): \(found) of \(trial.trials)")
      }
    }
  }

  @Test("The registers' estimate is bounded whatever the registers")
  func extremes() {
    for lgK in [4, 12, 21] {
      let full = RegisterArray([UInt8](repeating: RegisterArray.most, count: 1 << lgK), estimate: nil)
      #expect(full.estimate <= RegisterArray.mostValues && full.estimate > 0.9 * RegisterArray.mostValues)
      let ones = RegisterArray([UInt8](repeating: 1, count: 1 << lgK), estimate: nil)
      #expect(ones.estimate > 0 && ones.estimate.isFinite)
    }
  }
}

import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Risk sequence")
struct RiskSequenceTests {
  private enum Loss: CaseIterable {
    case error, rareError, logLoss

    var mean: Double {
      switch self {
      case .error: 0.3
      case .rareError: 0.01
      case .logLoss: 0.7 * 0.05 + 0.25 * 0.8 + 0.05 * 4.6
      }
    }

    func draw(_ generator: inout SplitMix64) -> Double {
      let u = generator.uniform()
      switch self {
      case .error: return u < 0.3 ? 1 : 0
      case .rareError: return u < 0.01 ? 1 : 0
      case .logLoss: return u < 0.7 ? 0.05 : u < 0.95 ? 0.8 : 4.6
      }
    }
  }

  @Test("Looked at after every pane, the interval misses the mean no more often than promised", arguments: [20, 100])
  func coverage(pane: Int) {
    for loss in Loss.allCases {
      var missed = 0
      var width = 0.0
      for seed in 1...40 as ClosedRange<UInt64> {
        var generator = SplitMix64(seed: seed)
        // Two versions whose yardsticks differ; what is bounded is the mean above them.
        let references = [loss.mean * 0.8, loss.mean * 1.1]
        var sequence = RiskSequence(references: references[0]...references[1], bound: loss == .logLoss ? 4.61 : 1)
        var truth = 0.0
        var covered = true
        for index in 0..<1_000 / pane {
          let reference = references[index % 2]
          sequence.add(Moments((0..<pane).map { _ in loss.draw(&generator) }), reference: reference)
          truth += loss.mean - reference
          let (low, high) = sequence.interval(alpha: 0.1, correlation: 1)
          let mean = truth / Double(index + 1)
          covered = covered && low <= mean && mean <= high
          if index == 1_000 / pane - 1 { width += (high - low) / 40 }
        }
        if !covered { missed += 1 }
      }
      // 4 are promised at most; and the interval says something.
      #expect(missed <= 4)
      #expect(width < max(loss.mean, 0.05))
    }
  }

  @Test("The interval solves its equation")
  func equation() {
    var sequence = RiskSequence(references: 0.1...0.1, bound: 1)
    for misses in [1, 3, 0, 2] {
      sequence.add(Moments((0..<10).map { $0 < misses ? 1 : 0 }), reference: 0.1)
    }
    #expect(sequence.rows == 40 && (sequence.sum - 2).magnitude < 1e-12)
    // Centres: 0, then the mean excess of the rows before, never above the yardstick.
    let centers = [0, 0, 0.1, 1.0 / 30]
    let squares = zip([1.0, 3, 0, 2], centers).reduce(0) { sum, pane in
      let (misses, center) = pane
      return sum + misses * (0.9 - center) * (0.9 - center) + (10 - misses) * (-0.1 - center) * (-0.1 - center)
    }
    #expect((sequence.squares - squares).magnitude < 1e-9)
    for correlation in [1, 3.0] {
      let (low, high) = sequence.interval(alpha: 0.05, correlation: correlation)
      for (bound, unit, sign) in [(high, 1.0, -1.0), (low, 0.2, 1.0)] where bound > -0.1 {
        let mixture = (0..<RiskSequence.bets).reduce(0) { sum, index in
          let size = 0.9 * Double(sign: .plus, exponent: -index, significand: 1)
          let exponent =
            size * sign * (2 - 40 * bound) / unit + (Elementary.log(1 - size) + size) * squares / (unit * unit)
          return sum + Elementary.exp(exponent / correlation) / Double(RiskSequence.bets)
        }
        #expect((mixture / 40 - 1).magnitude < 1e-6)
      }
    }
  }

  @Test("Nothing is known of nothing, nor upwards of a loss without a bound")
  func unknown() {
    var sequence = RiskSequence(references: 0.1...0.2, bound: nil)
    #expect(sequence.interval(alpha: 0.1, correlation: 1) == (-.infinity, .infinity))
    sequence.add(Moments([0.1, 0.2]), reference: 0.1)
    let (low, high) = sequence.interval(alpha: 0.1, correlation: 1)
    #expect(low == -0.2 && high == .infinity)
    sequence.add(Moments([SketchLimits.magnitude, SketchLimits.magnitude]), reference: 0.1)
    let after = sequence.interval(alpha: 0.1, correlation: 1)
    #expect(!after.low.isNaN && after.high == .infinity)
  }
}

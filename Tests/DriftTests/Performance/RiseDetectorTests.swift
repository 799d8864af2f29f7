import Bytes
import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Rise detector")
struct RiseDetectorTests {
  private static func yardstick(
    _ mean: Double, _ measure: LossMeasure, rows: Int = 1 << 40, tolerance: Double = 0.02, contrast: Double = 1
  ) -> Yardstick {
    Yardstick(
      Moments(count: rows, mean: mean, m2: 0, min: 0, max: mean), measure: measure,
      configuration: PerformanceConfiguration(
        windowLength: 1, relativeTolerance: 0, absoluteFloor: tolerance), contrast: contrast)
  }

  /// The factor's expectation over all outcomes of `rows` independent rows, which together are one pane.
  private static func expectation(
    _ support: [(value: Double, probability: Double)], rows: Int, size: Double, _ yardstick: Yardstick,
    _ measure: LossMeasure
  ) -> Double {
    everyArray(over: Array(support.indices), upTo: rows).filter { $0.count == rows }.reduce(0) { sum, outcome in
      let pane = Moments(outcome.map { support[$0].value })
      let probability = outcome.reduce(1) { $0 * support[$1].probability }
      let logFactor = RiseDetector.logFactor(pane, size: size, against: yardstick, measure: measure)
      return sum + probability * Elementary.exp(logFactor)
    }
  }

  @Test("Error rates: the factor's expectation is 1 at the limit, less below and more above, over every outcome")
  func bernoulli() {
    for limit in [0.05, 0.3, 0.7, 1.1] {
      for size in [0.9, 0.45, 0.05] {
        for rows in 1...5 {
          let yardstick = Self.yardstick(limit - 0.02, .error)
          func mean(_ rate: Double) -> Double {
            Self.expectation([(1, rate), (0, 1 - rate)], rows: rows, size: size, yardstick, .error)
          }
          // A rate is at most 1, and so is its yardstick.
          let reachable = min(limit, 1.02)
          if reachable <= 1 { #expect((mean(yardstick.limit) - 1).magnitude < 1e-6) }
          #expect(mean(yardstick.mean * 0.9) < 1)
          if yardstick.limit < 0.9 { #expect(mean(yardstick.limit + 0.1) > 1) }
        }
      }
    }
  }

  @Test("Other losses: the factor's expectation is at most 1 at the limit, however far the losses reach")
  func bounded() {
    for (low, middle, high) in [(0.01, 0.2, 4.6), (0, 1, 2), (0, 0.5, 1_000), (0.3, 0.3, 0.3)] {
      for weights in [(0.6, 0.3, 0.1), (0.2, 0.2, 0.6), (0.98, 0.01, 0.01)] {
        let support = [(low, weights.0), (middle, weights.1), (high, weights.2)]
        let mean = support.reduce(0) { $0 + $1.0 * $1.1 }
        let yardstick = Self.yardstick(mean - 0.02, .logLoss)
        for size in [0.9, 0.45, 0.225, 0.03] {
          for rows in 1...5 {
            let expectation = Self.expectation(
              support.map { (value: $0.0, probability: $0.1) }, rows: rows, size: size, yardstick, .logLoss)
            #expect(expectation <= 1 + 1e-9)
          }
        }
      }
    }
  }

  @Test("A yardstick of two hundred rows is not taken for the truth")
  func finiteYardstick() {
    var generator = SplitMix64(seed: 20)
    var paid = 0.0
    var unpaid = 0.0
    let seeds = 4_000
    for _ in 0..<seeds {
      func rows(_ count: Int) -> Moments {
        Moments((0..<count).map { _ in generator.uniform() < 0.1 ? 1 : 0 })
      }
      let sample = rows(200)
      let pane = rows(100)
      let yardstick = Yardstick(
        sample, measure: .error,
        configuration: PerformanceConfiguration(windowLength: 1, relativeTolerance: 0, absoluteFloor: 1e-9))
      let logFactor = RiseDetector.logFactor(pane, size: 0.06, against: yardstick, measure: .error)
      let bet = 0.06 / yardstick.limit
      paid += Elementary.exp(logFactor) / Double(seeds)
      unpaid += Elementary.exp(logFactor + bet * bet * 100 * 100 * yardstick.variance / 400) / Double(seeds)
    }
    // The price is that of a normal error; a count of twenty misses is not quite normal.
    #expect(paid < 1.4)
    #expect(unpaid > 2, "the test must be able to fail")
  }

  @Test("The sum is Shiryaev and Roberts' recursion, and the onset the start of its best stretch")
  func recursion() {
    var detector = RiseDetector()
    let yardstick = Self.yardstick(0.08, .error)
    var sums = [Double](repeating: 0, count: RiseDetector.bets)
    for (index, misses) in [1, 0, 2, 1, 0, 5, 6, 4].enumerated() {
      let pane = Moments((0..<10).map { $0 < misses ? 1 : 0 })
      detector.update(pane, at: Int64(index), against: yardstick, measure: .error)
      var size = 0.9
      for bet in sums.indices {
        let factor = RiseDetector.logFactor(pane, size: size, against: yardstick, measure: .error)
        sums[bet] = (10 + sums[bet]) * Elementary.exp(factor)
        size /= 2
      }
      let mean = sums.reduce(0, +) / Double(sums.count)
      #expect((Elementary.exp(detector.logStatistic) / mean - 1).magnitude < 1e-9)
    }
    #expect(detector.onset == 5)
    #expect(RiseDetector().logStatistic == -.infinity && RiseDetector().onset == nil)
  }

  @Test("Losses near the largest number prove nothing and break nothing")
  func extremes() {
    var detector = RiseDetector()
    let yardstick = Self.yardstick(0.08, .absoluteError)
    detector.update(Moments([1, SketchLimits.magnitude]), at: 0, against: yardstick, measure: .absoluteError)
    detector.update(Moments([SketchLimits.magnitude]), at: 1, against: yardstick, measure: .absoluteError)
    #expect(detector.logStatistic < 0 && !detector.logStatistic.isNaN)
    detector.update(Moments([5, 5, 5]), at: 2, against: yardstick, measure: .absoluteError)
    #expect(!detector.logStatistic.isNaN && detector.logStatistic < .infinity)
  }

  @Test("Dependence: 1 for independent panes, the block variance's ratio for panes that move together")
  func dependence() {
    var generator = SplitMix64(seed: 6)
    func panes(_ rates: [Double]) -> ArraySlice<JudgedPane> {
      rates.enumerated().map { index, rate in
        JudgedPane(
          version: 1, start: Int64(index), end: Int64(index + 1),
          loss: Moments((0..<100).map { _ in generator.uniform() < rate ? 1 : 0 }))
      }[...]
    }
    var above = 0
    for _ in 0..<200 where LossDependence.factor(panes(.init(repeating: 0.2, count: 64))) > 1 { above += 1 }
    // Four levels at 0.01 each.
    #expect(above <= 20)
    #expect(LossDependence.factor(panes((0..<64).map { $0 / 8 % 2 == 0 ? 0.05 : 0.35 })) > 5)
    #expect(LossDependence.factor(panes(.init(repeating: 0.2, count: 7))) == 1)
    #expect(LossDependence.factor(panes(.init(repeating: 0, count: 64))) == 1)
  }
}

import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Harm")
struct HarmTests {
  private static func assessment(
    _ low: Double, _ high: Double, tolerance: Double = 0.02, sufficient: Bool = true
  ) -> HarmAssessment {
    HarmAssessment(
      measure: .error, basis: .validation, since: 0, to: 1, rows: 500, referenceRows: 500, mean: 0.1, reference: 0.1,
      excessLow: low, excessHigh: high, tolerance: tolerance, correlation: 1, sufficient: sufficient)
  }

  @Test("Verdicts: every side of the tolerance, and never on few rows")
  func verdicts() {
    let table: [(Double, Double, HarmVerdict)] = [
      (0.03, 0.05, .harmful), (0.03, .infinity, .harmful), (0.02, 0.05, .notYetKnown), (0.01, 0.03, .notYetKnown),
      (-0.05, 0.02, .notYetKnown), (-0.05, 0.01, .benign), (-0.09, -0.01, .benign),
      (-.infinity, .infinity, .notYetKnown),
    ]
    for (low, high, verdict) in table {
      #expect(Self.assessment(low, high).verdict == verdict)
      #expect(Self.assessment(low, high, sufficient: false).verdict == .notYetKnown)
    }
  }

  @Test("Of several, proven harm decides, then proven harmlessness")
  func together() {
    let one: [HarmVerdict: HarmAssessment] = [
      .harmful: Self.assessment(0.03, 0.05), .benign: Self.assessment(-0.01, 0.01),
      .notYetKnown: Self.assessment(-1, 1),
    ]
    for verdicts in everyArray(over: HarmVerdict.allCases, upTo: 3) {
      let expected: HarmVerdict =
        verdicts.contains(.harmful) ? .harmful : verdicts.contains(.benign) ? .benign : .notYetKnown
      #expect(HarmVerdict(verdicts.compactMap { one[$0] }) == expected)
    }
  }

  /// A monitor over panes of a hundred rows; the rate changes with pane 60.
  private static func monitor(
    _ measure: LossMeasure, after: Int, validation: Int, _ draw: (Int, inout SplitMix64) -> Double
  ) -> PerformanceMonitor {
    var generator = SplitMix64(seed: 31)
    let own = Moments((0..<validation).map { _ in draw(0, &generator) })
    var monitor = PerformanceMonitor(
      measure: measure, configuration: PerformanceConfiguration(windowLength: 10, historyLength: 1_000))
    for index in 0..<60 + after {
      let pane = Moments((0..<100).map { _ in draw(index, &generator) })
      _ = monitor.push(
        JudgedPane(version: 1, start: Int64(index), end: Int64(index + 1), loss: pane), validation: own)
    }
    return monitor
  }

  @Test("A doubled error rate is harmful within a few panes, an equal one benign after many, unknown before")
  func errorRate() {
    func harm(_ rate: Double, after: Int) -> [HarmAssessment] {
      Self.monitor(.error, after: after, validation: 20_000) { index, generator in
        generator.uniform() < (index < 60 ? 0.2 : rate) ? 1 : 0
      }.harm(since: 60)
    }
    #expect(HarmVerdict(harm(0.4, after: 0)) == .notYetKnown && harm(0.4, after: 0).isEmpty)
    #expect(HarmVerdict(harm(0.4, after: 2)) == .notYetKnown)
    #expect(HarmVerdict(harm(0.4, after: 6)) == .harmful)
    #expect(harm(0.4, after: 6).map(\.basis) == [.validation, .history])
    #expect(HarmVerdict(harm(0.2, after: 6)) == .notYetKnown)
    #expect(HarmVerdict(harm(0.12, after: 30)) == .benign)
    #expect(HarmVerdict(harm(0.2, after: 400)) == .benign)
  }

  @Test("The yardstick's own error counts: a small validation proves neither")
  func smallValidation() {
    let monitor = Self.monitor(.error, after: 400, validation: 100) { _, generator in
      generator.uniform() < 0.2 ? 1 : 0
    }
    let byBasis = Dictionary(uniqueKeysWithValues: monitor.harm(since: 60).map { ($0.basis, $0.verdict) })
    #expect(byBasis[.validation] == .notYetKnown)
  }

  @Test("Of a loss without a bound nothing is called benign once a row exceeds what was seen before")
  func unbounded() {
    func harm(_ outlier: Double) -> HarmVerdict {
      HarmVerdict(
        Self.monitor(.absoluteError, after: 100, validation: 5_000) { index, generator in
          index == 100 && generator.uniform() < 0.02 ? outlier : generator.uniform() * (index < 60 ? 1 : 0.5)
        }.harm(since: 60))
    }
    #expect(harm(0.5) == .benign)
    #expect(harm(50) == .notYetKnown)
  }

  /// 60 streams in which nothing changes, each looked at after every pane for 80 panes, while versions with samples of
  /// their own for validation take turns: an interval that misses the truth once is a miss of the stream.
  @Test(
    "Where nothing changes hardly any interval ever leaves the truth out", arguments: [LossMeasure.error, .logLoss])
  func everValid(measure: LossMeasure) {
    var generator = SplitMix64(seed: 77)
    func draw() -> Double {
      let unit = Double.random(in: 0..<1, using: &generator)
      return measure == .error ? (unit < 0.2 ? 1 : 0) : -Elementary.log(1 - unit)
    }
    var missed = 0
    for _ in 0..<60 {
      var monitor = PerformanceMonitor(
        measure: measure, configuration: PerformanceConfiguration(windowLength: 10, historyLength: 1_000))
      let samples = (0..<2).map { _ in Moments((0..<400).map { _ in draw() }) }
      var misses = false
      for index in 0..<120 {
        let pane = Moments((0..<30).map { _ in draw() })
        let judged = JudgedPane(version: index / 30, start: Int64(index), end: Int64(index + 1), loss: pane)
        _ = monitor.push(judged, validation: samples[index / 30 % 2])
        guard index >= 40 else { continue }
        for assessment in monitor.harm(since: 40) where assessment.excessLow > 0 || assessment.excessHigh < 0 {
          misses = true
        }
      }
      missed += misses ? 1 : 0
    }
    // 5 % are promised for all that is asked of a change; 60 streams of two questions.
    #expect(missed <= 6, "\(missed) of 60 streams")
  }
}

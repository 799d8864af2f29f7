import Sketches
import TestSupport
import Testing

@testable import Drift

/// Whether a difference is large, and the failures of other tools that must not be ours.
@Suite("Verdicts")
struct VerdictTests {
  @Test(
    "The table of verdicts",
    arguments: [
      // low, value, high, critical, clearance, verdict for a threshold of 1
      (2.0, 2.0, 2.0, 0.5, 0.8, DriftVerdict.drift),
      (1.0, 1.0, 1.0, 1.0, 0.8, .drift),
      (2.0, 2.0, 2.0, 2.5, 0.8, .undetermined),
      (0.9, 1.5, 2.0, 0.5, 0.8, .undetermined),
      (1.1, 1.5, 2.0, 0.5, 0.8, .drift), (1.1, 1.5, 2.0, 1.2, 0.8, .undetermined),
      (1.1, 1.5, 2.0, .infinity, 0.8, .undetermined),
      (0.1, 0.2, 0.3, 0.5, 0.8, .clear),
      (0.1, 0.2, 0.9, 0.5, 0.8, .undetermined),
      (0.9, 0.9, 0.9, 0.5, 0.8, .undetermined),
      (0.1, 0.1, 0.1, 5.0, -1.0, .undetermined),
      (0.0, 0.0, 0.0, 0.0, -1.0, .clear),
      (0.0, 0.5, .infinity, 0.1, 0.8, .undetermined),
    ])
  func table(low: Double, value: Double, high: Double, critical: Double, clearance: Double, verdict: DriftVerdict) {
    let measure = Measure(
      bounds: Bounds(low: low, value: value, high: high), critical: critical, clearance: clearance)
    #expect(DriftVerdict(measure, threshold: 1) == verdict)
  }

  private static func findings(
    _ comparison: ColumnComparison, _ thresholds: [Statistic: Double] = DriftConfiguration.all, alpha: Double = 0.01
  ) -> [DriftFinding] {
    let configuration = DriftConfiguration(
      thresholds: thresholds, falseAlarmRate: alpha, minimumRows: 30, minimumReferenceRows: 30)
    return DriftTest.drifts(of: [comparison], configuration: configuration)[0].findings
  }

  @Test("Identical data of 200 rows: drift in no more than a share alpha, however low the threshold")
  func small() {
    var random = SplitMix64(seed: 12)
    let thresholds = DriftConfiguration.all.mapValues { _ in 0.0 }
    for shape in QuietShape.allCases {
      var alarms = 0
      for _ in 0..<60 {
        func draw() -> [ColumnValue] { (0..<200).map { _ in shape.draw(&random) } }
        let comparison = ColumnComparison(draw(), draw(), shape.kind)
        if Self.findings(comparison, thresholds, alpha: 0.05).contains(where: \.drifted) { alarms += 1 }
      }
      // 3 are allowed of 60; more than 10 has a probability below 0.0005.
      #expect(alarms <= 10, "\(shape): \(alarms) of 60")
    }
  }

  @Test("Identical data in sketches: the sketches' error is no drift, at thresholds below it")
  func sketchError() {
    let thresholds: [Statistic: Double] = [.kolmogorovSmirnov: 0.005, .wassersteinNormalized: 0.005]
    for seed in 0..<2 as Range<UInt64> {
      let (reference, current) = SamplePair.equal.draw(50_000, 50_000, seed: seed)
      var random = SplitMix64(seed: seed)
      let comparison = ColumnComparison(
        name: "x", reference: QuantileSample(reference, order: reference.sorted.shuffled(using: &random), seed: seed),
        current: QuantileSample(current, order: current.sorted.shuffled(using: &random), seed: seed + 100))
      let findings = Self.findings(comparison, thresholds)
      #expect(findings.count == 2 && findings.allSatisfy { $0.verdict == .undetermined }, "\(findings)")
    }
  }

  @Test("A shift is judged on all rows, not on those that a sketch retains")
  func retained() {
    // The gap is 0.058, which 200 retained values could not tell from chance.
    let thresholds: [Statistic: Double] = [.kolmogorovSmirnov: 0.02]
    for seed in 0..<4 as Range<UInt64> {
      let (reference, current) = SamplePair.equal.draw(20_000, 20_000, seed: seed)
      let shifted = NumericSample(current.sorted.map { $0 + 0.06 })
      var random = SplitMix64(seed: seed)
      let comparison = ColumnComparison(
        name: "x", reference: QuantileSample(reference, order: reference.sorted.shuffled(using: &random), seed: seed),
        current: QuantileSample(shifted, order: shifted.sorted.shuffled(using: &random), seed: seed + 100))
      #expect(Self.findings(comparison, thresholds).map(\.verdict) == [.drift])
    }
  }

  @Test("A PSI of 0.10 is rarely cleared at 0.10, and found at 0.06, whatever the column is made of")
  func populationStability() {
    var random = SplitMix64(seed: 40)
    var verdicts: [DriftVerdict] = []
    for _ in 0..<25 {
      let reference = (0..<8_000).map { _ in random.normal() }
      let current = (0..<8_000).map { _ in random.normal() + 0.3162 }
      let numbers = ColumnComparison(name: "x", reference: NumericSample(reference), current: NumericSample(current))
      func level(_ share: Double) -> String { random.uniform() < share ? "a" : "b" }
      // (0.5 − 0.342)·ln(0.5/0.342) + (0.5 − 0.658)·ln(0.5/0.658) = 0.1034.
      let levels = ColumnComparison(
        name: "c", reference: CategorySample((0..<8_000).map { _ in level(0.5) }),
        current: CategorySample((0..<8_000).map { _ in level(0.342) }))
      for comparison in [numbers, levels] {
        let psi = comparison.bounds(of: .psi)?.value ?? 0
        #expect((psi - 0.1).magnitude < 0.045)
        #expect(Self.findings(comparison, [.psi: 0.06]).map(\.verdict) == [.drift])
        verdicts += Self.findings(comparison, [.psi: 0.1]).map(\.verdict)
      }
    }
    // At most 5 % are allowed; more than 8 of 50 has a probability below 0.002.
    #expect(verdicts.count { $0 == .clear } <= 8, "\(verdicts.count { $0 == .clear }) of \(verdicts.count)")
  }

  @Test("Far below its threshold every statistic is clear on rows enough, far above it is drift")
  func extremes() {
    let (reference, current) = SamplePair.equal.draw(20_000, 20_000, seed: 5)
    let same = ColumnComparison(name: "x", reference: reference, current: current)
    #expect(Self.findings(same).count == 12 && Self.findings(same).allSatisfy { $0.verdict == .clear })
    let apart = ColumnComparison(
      name: "x", reference: reference, current: NumericSample(current.sorted.map { $0 + 1 }, missing: 5_000))
    for finding in Self.findings(apart) {
      #expect(finding.verdict == (finding.statistic == .cardinality ? .clear : .drift), "\(finding)")
    }
    let levels = (0..<10_000).map { "v\($0 % 7)" }
    let others = (0..<10_000).map { "v\($0 % 20)" }
    let grown = ColumnComparison(name: "c", reference: CategorySample(levels), current: CategorySample(others))
    for finding in Self.findings(grown) where finding.statistic != .missingRate {
      #expect(finding.verdict == .drift, "\(finding)")
      if finding.statistic == .cardinality { #expect((finding.value - 20.0 / 7 + 1).magnitude < 1e-9) }
    }
  }

  @Test("Dependent rows need to be more: the same shift is drift, then undetermined")
  func dependence() {
    let (reference, current) = SamplePair.shifted.draw(1_000, 1_000, seed: 8)
    func verdicts(_ dependence: Double) -> [DriftVerdict] {
      Self.findings(
        ColumnComparison(name: "x", reference: reference, current: current, dependence: dependence),
        [.psi: 0.1, .kolmogorovSmirnov: 0.1, .wassersteinNormalized: 0.1]
      ).map(\.verdict)
    }
    #expect(verdicts(1).allSatisfy { $0 == .drift })
    #expect(verdicts(50).allSatisfy { $0 == .undetermined })
  }
}

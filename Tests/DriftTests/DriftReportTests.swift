import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Drift report")
struct DriftReportTests {
  private static func report(
    rows: Int = 1_000, shift: Double = 0, levels: String = "abc", missing: Int = 10,
    referenceRows: Int = 1_000
  ) -> DriftReport {
    let test = DriftTest(reference: ReferenceTests.sample(rows: referenceRows))
    var generator = SplitMix64(seed: 99)
    var sketches = test.reference.emptySketches
    var prediction = test.reference.prediction?.emptySketch
    for row in 0..<rows {
      let x = Double.random(in: 0..<1, using: &generator) + shift
      sketches[0].add(row % missing == 0 ? .missing : .number(x))
      sketches[1].add(category: levels.randomElement(using: &generator).map(String.init) ?? "a")
      prediction?.add(number: x / 2)
    }
    return test.report(
      version: 4, from: 10, to: 20, rows: rows, sketches: sketches, prediction: prediction)
  }

  private static func finding(_ report: DriftReport, _ column: String, _ statistic: Statistic)
    -> DriftFinding?
  {
    report.columns.first { $0.column == column }?.findings.first { $0.statistic == statistic }
  }

  @Test("Nothing changed: clear, with every finding present")
  func clear() {
    let report = Self.report()
    #expect(!report.drifted && report.version == 4)
    #expect(report.columns.flatMap(\.findings).count == 8 && report.prediction?.findings.count == 4)
    #expect(
      report.columns.flatMap(\.findings).allSatisfy { $0.verdict == .clear && $0.strength < 1 })
    #expect(report.columns.allSatisfy { $0.shifts.isEmpty && $0.unseenLevels.isEmpty })
  }

  @Test("A shifted column comes first, with the bins that moved, and moves the prediction")
  func shifted() {
    let report = Self.report(shift: 0.4)
    #expect(
      report.columns[0].column == "x" && report.columns[0].drifted && !report.columns[1].drifted)
    #expect(report.prediction?.drifted == true && report.drifted)
    #expect(report.columns[0].shifts.count == DriftReport.namedShifts)
    let first = report.columns[0].shifts[0]
    #expect(first.current > 0.3 && first.reference < 0.1 && first.bin.hasPrefix("> "))
    #expect(Self.finding(report, "x", .kolmogorovSmirnov)?.verdict == .drift)
    #expect((report.strongest?.strength ?? 0) >= report.columns[0].strength)
  }

  @Test("New levels and missing values show")
  func unseen() {
    let report = Self.report(levels: "abcdd", missing: 2)
    let category = report.columns.first { $0.column == "c" }
    #expect(category?.drifted == true && category?.unseenLevels.map(\.level) == ["d"])
    #expect((category?.currentUnseen ?? 0) > 0.3 && category?.referenceUnseen == 0)
    #expect(category?.shifts.first?.bin == "(unseen)")
    let number = report.columns.first { $0.column == "x" }
    #expect(
      number?.drifted == true && number?.currentMissing == 0.5 && number?.referenceMissing == 0.1)
    #expect(number?.shifts.first?.bin == "(missing)" && number?.currentUnseen == nil)
  }

  @Test("Too few rows on either side are undetermined, whatever they show")
  func undetermined() {
    for report in [
      Self.report(rows: 499, shift: 5), Self.report(shift: 5, referenceRows: 199),
      Self.report(rows: 0),
    ] {
      #expect(!report.drifted)
      #expect(report.columns.flatMap(\.findings).allSatisfy { $0.verdict == .undetermined })
      #expect(
        report.columns.flatMap(\.findings).allSatisfy { $0.value.isFinite && $0.critical.isFinite })
    }
  }

  @Test("Large but within noise is undetermined")
  func noise() {
    var configuration = DriftConfiguration(minimumRows: 10, minimumReferenceRows: 10)
    configuration.thresholds = [.psi: 0.05]
    let test = DriftTest(reference: ReferenceTests.sample(rows: 100), configuration: configuration)
    var sketches = test.reference.emptySketches
    var generator = SplitMix64(seed: 3)
    for _ in 0..<60 {
      sketches[0].add(number: Double.random(in: 0..<1, using: &generator))
      sketches[1].add(category: "a")
    }
    let report = test.report(version: 1, from: 0, to: 1, rows: 60, sketches: sketches)
    #expect(Self.finding(report, "x", .psi)?.verdict == .undetermined)
    #expect(Self.finding(report, "c", .psi)?.verdict == .drift)
    #expect(report.columns[0].findings.count == 1 && report.prediction == nil)
  }

  @Test("A column that stays constant is clear, even where every change matters")
  func constant() {
    var builder = ReferenceBuilder(columns: [ColumnSchema(name: "x", kind: .numeric)])
    for _ in 0..<1_000 { builder.add([.number(5)]) }
    var configuration = DriftConfiguration()
    configuration.thresholds = DriftConfiguration.all.mapValues { _ in 0 }
    configuration.thresholds[.missingRate] = nil
    configuration.thresholds[.outOfRangeRate] = nil
    let test = DriftTest(reference: builder.finish(), configuration: configuration)
    for (value, verdict) in [(5.0, DriftVerdict.clear), (4, .drift)] {
      var sketches = test.reference.emptySketches
      for _ in 0..<1_000 { sketches[0].add(number: value) }
      let report = test.report(version: 1, from: 0, to: 1, rows: 1_000, sketches: sketches)
      #expect(report.columns[0].findings.count == 9)
      #expect(report.columns[0].findings.allSatisfy { $0.verdict == verdict }, "\(report.columns[0].findings)")
    }
  }

  @Test("The false alarm rate is shared by all columns and statistics")
  func critical() throws {
    // Four statistics of each of the two numeric columns, four of the categorical one.
    let quantiles = NoiseQuantiles(alpha: DriftConfiguration().falseAlarmRate / 12, bins: 3)
    let finding = try #require(Self.finding(Self.report(shift: 0.2), "x", .kolmogorovSmirnov))
    // 900 and 900 rows have a value.
    #expect((finding.critical - (2.0 / 900).squareRoot() * quantiles.kolmogorov).magnitude < 1e-12)
  }
}

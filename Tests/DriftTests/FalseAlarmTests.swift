import Sketches
import TestSupport
import Testing

@testable import Drift

/// Streams in which nothing changes, of several shapes, and what they make of the critical values.
enum QuietShape: CaseIterable, Sendable {
  case uniform, heavyTail, mostlyZero, binary, fiveLevels, zipf, missing

  var kind: ColumnKind {
    switch self {
    case .uniform, .heavyTail, .mostlyZero, .missing: .numeric
    case .binary, .fiveLevels, .zipf: .category
    }
  }

  func draw(_ generator: inout SplitMix64) -> ColumnValue {
    let u = Double.random(in: 0..<1, using: &generator)
    switch self {
    case .uniform: return .number(u)
    case .heavyTail: return .number(1 / (1 - u) / (1 - u))
    case .mostlyZero: return .number(u < 0.9 ? 0 : u)
    case .missing: return u < 0.3 ? .missing : .number(u)
    case .binary: return .category(u < 0.1 ? "yes" : "no")
    case .fiveLevels: return .category("v\(Int(u * u * 5))")
    // About 900 levels met in a thousand rows, two fifths of them once.
    case .zipf: return .category("z\(Int(1 / (1 - u * 0.9995)))")
    }
  }
}

@Suite("False alarms")
struct FalseAlarmTests {
  /// One reference and one window of a column.
  private static func comparison(
    _ shape: QuietShape, _ referenceRows: Int, _ rows: Int, _ generator: inout SplitMix64
  ) -> ColumnComparison {
    let reference = ColumnReference(independent: (0..<referenceRows).map { _ in shape.draw(&generator) }, shape.kind)
    var sketch = reference.emptySketch
    for _ in 0..<rows { sketch.add(shape.draw(&generator)) }
    return ColumnComparison(reference: reference, current: sketch)
  }

  @Test(
    "Noise exceeds the critical value about as often as promised, for every shape",
    arguments: QuietShape.allCases)
  func exceedance(shape: QuietShape) {
    var generator = SplitMix64(seed: 2_024)
    let trials = 150
    let quantiles = NoiseQuantiles(alpha: 0.02, bins: SketchLimits.numericBins + 1)
    let statistics = DriftConfiguration.all.keys.sorted { $0.rawValue < $1.rawValue }
    var exceeded: [Statistic: Int] = [:]
    for _ in 0..<trials {
      let comparison = Self.comparison(shape, 1_000, 500, &generator)
      for (statistic, measure) in comparison.measures(statistics.map { ($0, 0) }, quantiles)
      where measure.bounds.low > 0 && measure.bounds.low >= measure.critical {
        exceeded[statistic, default: 0] += 1
      }
    }
    // 3 are expected of 150; more than 10 has a probability below 0.0003.
    #expect(exceeded.values.allSatisfy { $0 <= 10 }, "\(exceeded) of \(trials)")
  }

  @Test("Many quiet columns, wide and narrow, raise nothing in any window")
  func quiet() {
    var generator = SplitMix64(seed: 7)
    let shapes = QuietShape.allCases + QuietShape.allCases + QuietShape.allCases
    let schema = shapes.enumerated().map { ColumnSchema(name: "c\($0)", kind: $1.kind) }
    var configuration = DriftConfiguration()
    // Without thresholds, noise has to be told from change by the critical values alone.
    configuration.thresholds = DriftConfiguration.all.mapValues { _ in 0 }
    for rows in [500, 1_000] {
      var builder = ReferenceBuilder(columns: schema)
      for _ in 0..<1_000 { builder.add(shapes.map { $0.draw(&generator) }) }
      let test = DriftTest(reference: builder.finish(), configuration: configuration)
      for window in 0..<6 {
        var sketches = test.reference.emptySketches
        for _ in 0..<rows {
          for column in sketches.indices { sketches[column].add(shapes[column].draw(&generator)) }
        }
        let report = test.report(version: 1, from: 0, to: 1, rows: rows, sketches: sketches)
        #expect(!report.drifted, "window \(window): \(report.columns.filter(\.drifted))")
      }
    }
  }
}

extension ColumnReference {
  /// As `ReferenceBuilder` makes it, but for the search for dependence between rows, which takes most of its time.
  fileprivate init(independent values: [ColumnValue], _ kind: ColumnKind) {
    var numbers: [Double] = []
    var levels: [String: Int] = [:]
    var missing = 0
    for value in values {
      switch value {
      case .number(let number): numbers.append(number)
      case .category(let level): levels[level, default: 0] += 1
      case .missing: missing += 1
      }
    }
    switch kind {
    case .numeric:
      let binning = NumericBinning.build(sortedReference: numbers.sorted())
      self.init(
        name: "x", binning: .numeric(binning), counts: binning.counts(of: numbers.span), missing: missing,
        moments: Moments(numbers))
    case .category:
      let binning = CategoryBinning.build(counts: levels)
      self.init(
        name: "x", binning: .categories(binning), counts: binning.referenceCounts(of: levels), missing: missing,
        moments: nil)
    }
  }
}

import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Did it change at all")
struct TwoSampleTests {
  private static func changed(_ comparisons: [ColumnComparison], level: Double = 0.01) -> [Change] {
    TwoSampleTest(level: level).changes(in: comparisons).map(\.changed)
  }

  private static func quiet(_ shape: QuietShape, _ n: Int, _ m: Int, _ random: inout SplitMix64) -> ColumnComparison {
    func draw(_ count: Int) -> [ColumnValue] { (0..<count).map { _ in shape.draw(&random) } }
    return ColumnComparison(draw(n), draw(m), shape.kind)
  }

  @Test("Unchanged columns are called changed no more often than the level says", arguments: QuietShape.allCases)
  func quiet(shape: QuietShape) {
    var random = SplitMix64(seed: 31)
    for (n, m) in [(30, 50), (200, 200), (1_000, 150)] {
      var alarms = 0
      for _ in 0..<60 {
        let comparison = Self.quiet(shape, n, m, &random)
        if TwoSampleTest(level: 0.05).changes(in: [comparison])[0].pValue <= 0.05 { alarms += 1 }
      }
      // 3 are expected of 60 at most; more than 10 has a probability below 0.0005.
      #expect(alarms <= 10, "\(n) against \(m): \(alarms) of 60")
    }
  }

  @Test("Changes are found", arguments: [SamplePair.shifted, .wider, .coarse, .zeros, .apart, .refined])
  func power(pair: SamplePair) {
    for seed in 0..<10 as Range<UInt64> {
      let (reference, current) = pair.draw(2_000, 1_000, seed: seed)
      #expect(Self.changed([ColumnComparison(name: "x", reference: reference, current: current)]) == [.yes])
    }
  }

  @Test("Missing rows alone are a change, found among many unchanged columns")
  func missing() {
    var random = SplitMix64(seed: 2)
    let values = (0..<1_000).map { _ in random.uniform() }
    let others = (0..<1_000).map { _ in random.uniform() }
    let column = ColumnComparison(
      name: "gone", reference: NumericSample(values), current: NumericSample(others, missing: 30))
    let quiet = (0..<49).map { _ in Self.quiet(.uniform, 1_000, 1_000, &random) }
    let changes = TwoSampleTest().changes(in: quiet + [column])
    #expect(changes.last?.changed == .yes && changes.last?.test == .missing)
    #expect(changes.dropLast().allSatisfy { $0.changed == .no })
  }

  @Test("Too few rows to show anything are undetermined, and so is an empty side")
  func few() {
    let few = ColumnComparison(name: "x", reference: NumericSample([1, 2, 3]), current: NumericSample([7, 8, 9]))
    #expect(Self.changed([few]) == [.undetermined])
    let empty = ColumnComparison(name: "x", reference: NumericSample([]), current: NumericSample([7, 8, 9]))
    #expect(Self.changed([empty]) == [.undetermined])
    #expect(Self.changed([]).isEmpty)
  }

  @Test("Dependent rows count for fewer")
  func dependence() {
    let (reference, current) = SamplePair.shifted.draw(400, 400, seed: 3)
    func pValue(_ dependence: Double) -> Double {
      let comparison = ColumnComparison(name: "x", reference: reference, current: current, dependence: dependence)
      return TwoSampleTest().changes(in: [comparison])[0].pValue
    }
    #expect(pValue(1) < 1e-6 && pValue(10) > 0.001 && pValue(3) > pValue(1))
  }

  @Test("Sketches of identical rows are never called changed, sketches of a shift of a tenth always")
  func sketches() {
    for seed in 0..<6 as Range<UInt64> {
      let (reference, current) = SamplePair.equal.draw(20_000, 20_000, seed: seed)
      let shifted = NumericSample(current.sorted.map { $0 + 0.1 })
      var random = SplitMix64(seed: seed)
      func sketch(_ sample: NumericSample, _ seed: UInt64) -> QuantileSample {
        QuantileSample(sample, order: sample.sorted.shuffled(using: &random), seed: seed)
      }
      let known = sketch(reference, 3 * seed)
      let same = ColumnComparison(name: "same", reference: known, current: sketch(current, 3 * seed + 1))
      let moved = ColumnComparison(name: "moved", reference: known, current: sketch(shifted, 3 * seed + 2))
      let changes = Self.changed([same, moved])
      #expect(changes[0] != .yes && changes[1] == .yes)
    }
  }

  @Test("Holm's correction: never below the p-value, monotone, Bonferroni for the smallest")
  func holm() {
    #expect(TwoSampleTest.holm([0.01, 0.04, 0.03]) == [0.03, 0.06, 0.06])
    #expect(TwoSampleTest.holm([0.5, 0.9]) == [1, 1] && TwoSampleTest.holm([]).isEmpty)
    var random = SplitMix64(seed: 6)
    for _ in 0..<100 {
      let values = (0..<1 + random.below(8)).map { _ in random.uniform() * 0.2 }
      let adjusted = TwoSampleTest.holm(values)
      #expect(zip(values, adjusted).allSatisfy { $0 <= $1 && $1 <= 1 })
      #expect(adjusted.min() == (values.min() ?? 0) * Double(values.count))
    }
  }
}

extension ColumnComparison {
  /// From all values of rows.
  init(_ reference: [ColumnValue], _ current: [ColumnValue], _ kind: ColumnKind) {
    switch kind {
    case .numeric: self.init(name: "x", reference: NumericSample(reference), current: NumericSample(current))
    case .category: self.init(name: "x", reference: CategorySample(reference), current: CategorySample(current))
    }
  }
}

extension NumericSample {
  init(_ values: [ColumnValue]) {
    let numbers = values.compactMap { value in if case .number(let number) = value { number } else { nil } }
    self.init(numbers, missing: values.count - numbers.count)
  }
}

extension CategorySample {
  init(_ values: [ColumnValue]) {
    let levels = values.compactMap { value in if case .category(let level) = value { level } else { nil } }
    self.init(levels, missing: values.count - levels.count)
  }
}

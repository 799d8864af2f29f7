import Foundation
import Sketches
import TestSupport
import Testing

@testable import Drift

/// Pairs of samples, from equal to far apart.
enum SamplePair: CaseIterable, Sendable {
  case equal, shifted, wider, tails, coarse, zeros, apart, refined

  func draw(_ count: Int, _ other: Int, seed: UInt64) -> (reference: NumericSample, current: NumericSample) {
    var random = SplitMix64(seed: seed)
    let reference = (0..<count).map { _ in value(random.uniform(), random.uniform(), changed: false) }
    let current = (0..<other).map { _ in value(random.uniform(), random.uniform(), changed: true) }
    return (NumericSample(reference), NumericSample(current))
  }

  /// - Parameter u, v: independent and uniform; their sum less one stands for a bell.
  private func value(_ u: Double, _ v: Double, changed: Bool) -> Double {
    switch self {
    case .equal: u + v - 1
    case .shifted: u + v - 1 + (changed ? 0.2 : 0)
    case .wider: (u + v - 1) * (changed ? 1.5 : 1)
    case .tails: 1 / (1 - u) + (changed ? v / 4 : 0)
    case .coarse: (u * 8 + (changed ? v : 0)).rounded(.down)
    case .zeros: u < (changed ? 0.8 : 0.9) ? 0 : v
    case .apart: changed ? u + 3 : u
    case .refined: changed ? u : (u * 16).rounded() / 16
    }
  }
}

extension QuantileSample {
  init(_ sample: NumericSample, order: [Double], seed: UInt64) {
    var sketch = QuantileSketch<Double>(seed: seed)
    for value in order { sketch.update(value) }
    self.init(sketch.sortedView, moments: sample.moments)
  }
}

@Suite("Intervals")
struct BandTests {
  static let distances: [Statistic] = [
    .kolmogorovSmirnov, .wasserstein, .wassersteinNormalized, .energyDistance, .outOfRangeRate,
  ]

  private static func holds(_ bounds: Bounds?, _ exact: Double) -> Bool {
    guard let bounds else { return false }
    let slack = 1e-9 * max(1, exact)
    return bounds.low <= bounds.value && bounds.value <= bounds.high && bounds.low <= exact + slack
      && exact <= bounds.high + slack
  }

  @Test(
    "Counts over frozen bins: the interval always holds the exact value, and means something",
    arguments: SamplePair.allCases)
  func histogram(pair: SamplePair) throws {
    for seed in 0..<12 as Range<UInt64> {
      for (n, m) in [(1, 1), (3, 40), (200, 200), (2_000, 500)] {
        let (reference, current) = pair.draw(n, m, seed: seed)
        let exact = ColumnComparison(name: "x", reference: reference, current: current)
        let binned = ColumnComparison.binned(reference, current)
        for statistic in Self.distances {
          let value = try #require(exact.bounds(of: statistic)?.value)
          let bounds = binned.bounds(of: statistic)
          #expect(Self.holds(bounds, value), "\(statistic) \(n) \(m): \(value) in \(String(describing: bounds))")
        }
        if n > 1_000, pair == .equal || pair == .shifted {
          let gap = try #require(binned.bounds(of: .kolmogorovSmirnov))
          #expect(gap.high - gap.low < 0.06)
          let distance = try #require(binned.bounds(of: .wassersteinNormalized))
          #expect(distance.high - distance.low < 0.4)
        }
      }
    }
  }

  @Test("The quick sweep over bins says what the sweep over bands says", arguments: SamplePair.allCases)
  func sweeps(pair: SamplePair) {
    for seed in 0..<20 as Range<UInt64> {
      let (reference, current) = pair.draw(300, 150, seed: 100 + seed)
      guard case .histogram(let counts)? = ColumnComparison.binned(reference, current).line else {
        Issue.record("no histogram")
        return
      }
      let quick = counts.kolmogorovSmirnov()
      let bands = counts.bands
      let swept = LineDistances(bands.reference, bands.current, noiseGap: 0).kolmogorovSmirnov
      #expect((quick.low - swept.low).magnitude < 1e-12 && (quick.high - swept.high).magnitude < 1e-12)
      #expect(quick.value == quick.low)
    }
  }

  @Test("Quantile sketches that hold all values are exact")
  func exactSketches() throws {
    let (reference, current) = SamplePair.shifted.draw(150, 90, seed: 1)
    let exact = ColumnComparison(name: "x", reference: reference, current: current)
    let sketched = ColumnComparison(
      name: "x", reference: QuantileSample(QuantileView(sorted: reference.sorted), moments: reference.moments),
      current: QuantileSample(QuantileView(sorted: current.sorted), moments: nil))
    for statistic in Self.distances {
      let value = try #require(exact.bounds(of: statistic)?.value)
      let bounds = try #require(sketched.bounds(of: statistic))
      #expect(bounds.isExact && (bounds.value - value).magnitude < 1e-12, "\(statistic)")
    }
    #expect(sketched.bounds(of: .psi) == nil && sketched.bounds(of: .cardinality) == nil)
  }

  @Test("Quantile sketches: at least 99 % of intervals hold the exact value", arguments: [1_000, 10_000])
  func sketches(rows: Int) throws {
    let (trials, misses) = try Self.coverage(rows: rows, seeds: rows > 5_000 ? 0..<2 : 0..<10)
    #expect(misses * 100 <= trials, "\(misses) misses of \(trials)")
  }

  /// `LEEWAY_COVERAGE="1000:200 10000000:2" swift test -c release -Xswiftc -enable-testing --filter coverage` tries
  /// that many seeds of every pair at that many rows.
  private static let wanted =
    (ProcessInfo.processInfo.environment["LEEWAY_COVERAGE"] ?? "").split(separator: " ").map(String.init)

  @Test("Quantile sketches: the same with more rows and more trials", arguments: wanted)
  func coverage(trial: String) throws {
    let parts = trial.split(separator: ":").compactMap { Int($0) }
    try #require(parts.count == 2)
    let (trials, misses) = try Self.coverage(rows: parts[0], seeds: 0..<UInt64(parts[1]))
    print("\(parts[0]) rows: \(misses) misses of \(trials)")
    #expect(misses * 100 <= trials)
  }

  /// Distances of every pair, sketched in random order.
  static func coverage(rows: Int, seeds: Range<UInt64>) throws -> (trials: Int, misses: Int) {
    var (trials, misses) = (0, 0)
    for pair in SamplePair.allCases {
      for seed in seeds {
        let (reference, current) = pair.draw(rows, rows / 2, seed: 1_000 + seed)
        var random = SplitMix64(seed: 77 + seed)
        let exact = ColumnComparison(name: "x", reference: reference, current: current)
        let sketched = ColumnComparison(
          name: "x",
          reference: QuantileSample(reference, order: reference.sorted.shuffled(using: &random), seed: 2 * seed),
          current: QuantileSample(current, order: current.sorted.shuffled(using: &random), seed: 2 * seed + 1))
        for statistic in Self.distances {
          trials += 1
          let value = try #require(exact.bounds(of: statistic)?.value)
          if !Self.holds(sketched.bounds(of: statistic), value) { misses += 1 }
        }
      }
    }
    return (trials, misses)
  }
}

extension ColumnComparison {
  /// As panes and references know the samples.
  static func binned(_ reference: NumericSample, _ current: NumericSample) -> ColumnComparison {
    let binning = NumericBinning.build(sortedReference: reference.sorted)
    let column = ColumnReference(
      name: "x", binning: .numeric(binning), counts: Array(reference.counts(over: binning).dropLast()),
      missing: reference.missing, moments: reference.moments)
    var sketch = ColumnSketch(binning: .numeric(binning))
    for value in current.sorted { sketch.add(number: value) }
    sketch.addMissing(current.missing)
    return ColumnComparison(reference: column, current: sketch)
  }
}

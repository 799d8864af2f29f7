import TestSupport
import Testing

@testable import Drift

/// Expected values from SciPy 1.17.1: `stats.chi2.isf(alpha, df)`, `stats.chi2.sf(x, df)`, `stats.norm.isf(alpha)`,
/// `stats.norm.sf(z)`, `stats.kstwobign.isf(alpha)`.
@Suite("Distributions")
struct DistributionTests {
  private static func expectClose(_ value: Double, _ expected: Double, _ tolerance: Double = 1e-10) {
    #expect(
      (value - expected).magnitude <= tolerance * max(expected.magnitude, 1e-300),
      "\(value) for \(expected)")
  }

  @Test(
    "Chi-square quantiles",
    arguments: [
      (1, 0.9, 0.015790774093431225), (1, 0.5, 0.4549364231195724), (1, 0.05, 3.8414588206941285),
      (1, 1e-08, 32.84125336123679), (1, 1e-15, 64.43046352012365), (2, 0.9, 0.21072103131565256),
      (2, 0.001, 13.815510557964274), (2, 1e-15, 69.07755278982137), (5, 0.9, 1.6103079869623222),
      (5, 0.05, 11.070497693516355), (5, 1e-08, 45.79458712308457), (31, 0.5, 30.33594245819813),
      (31, 0.001, 61.09830608105814), (31, 1e-15, 139.57960940758048),
      (65, 0.05, 84.82064549765664),
      (65, 1e-08, 150.44006453191113), (95, 0.9, 77.81843412126868), (95, 0.05, 118.75161175336737),
      (95, 1e-15, 248.85507226882856),
    ])
  func chiSquareQuantiles(degrees: Int, alpha: Double, expected: Double) {
    Self.expectClose(ChiSquare.quantile(upper: alpha, degrees: degrees), expected)
  }

  /// Expected values from SciPy 1.17.1: `stats.fisher_exact`.
  @Test(
    "Fisher's exact test",
    arguments: [
      (3, 4, 1, 4, 0.48571428571428565), (6, 8, 1, 5, 0.10256410256410256),
      (0, 100_000, 1, 1_000, 0.009900990099009901), (0, 1_000_000, 1, 1_000, 0.0009990009990389905),
      (5, 5_000, 9, 1_200, 0.0002891010783409687), (0, 50, 7, 60, 0.01527542079262647),
      (40, 100, 3, 100, 4.178607601319147e-11), (2, 10, 2, 10, 1.0),
    ])
  func fisher(hits: Int, rows: Int, otherHits: Int, otherRows: Int, expected: Double) {
    Self.expectClose(FisherTest.pValue((hits, otherHits), of: (rows, otherRows)), expected, 1e-9)
    Self.expectClose(FisherTest.pValue((otherHits, hits), of: (otherRows, rows)), expected, 1e-9)
  }

  @Test("No p-value of Fisher's test comes more often than it says", arguments: 1...9, 1...9)
  func fisherIsValid(left: Int, right: Int) {
    for hits in 0...(left + right) {
      let splits = (max(0, hits - left)...min(hits, right)).map { x in
        (
          p: FisherTest.pValue((hits - x, x), of: (left, right)),
          ways: Self.choose(left, hits - x) * Self.choose(right, x)
        )
      }
      let all = splits.reduce(0) { $0 + $1.ways }
      for split in splits {
        let asSmall = splits.filter { $0.p <= split.p * (1 + 1e-9) }.reduce(0) { $0 + $1.ways }
        #expect(asSmall / all <= split.p * (1 + 1e-9))
      }
    }
  }

  private static func choose(_ n: Int, _ k: Int) -> Double {
    (0..<k).reduce(1) { $0 * Double(n - $1) / Double($1 + 1) }
  }

  @Test(
    "Chi-square tails",
    arguments: [
      (1, 3.84, 0.05004352124870519), (31, 31.0, 0.46621250621750804),
      (31, 100.0, 3.4643702449416187e-09),
      (65, 200.0, 1.1645816766256309e-15), (4, 0.01, 0.9999875415886458),
    ])
  func chiSquareTails(degrees: Int, x: Double, expected: Double) {
    Self.expectClose(ChiSquare.upperTail(x, degrees: degrees), expected)
  }

  @Test("Quantile and tail invert each other for all degrees and many levels")
  func inverse() {
    for degrees in 1...120 {
      for exponent in [-0.01, -0.3, -1, -3, -6, -12, -40.0] {
        let alpha = Elementary.exp(exponent * 2.302585092994046)
        Self.expectClose(
          ChiSquare.upperTail(ChiSquare.quantile(upper: alpha, degrees: degrees), degrees: degrees),
          alpha)
      }
    }
    #expect(
      ChiSquare.quantile(upper: 1, degrees: 3) == 0
        && ChiSquare.quantile(upper: 0, degrees: 3) == .infinity)
  }

  @Test(
    "Normal quantiles",
    arguments: [
      (0.975, -1.959963984540054), (0.25, 0.6744897501960817), (0.025, 1.9599639845400545),
      (0.001, 3.090232306167813), (1e-10, 6.361340902404056),
    ])
  func normalQuantiles(alpha: Double, expected: Double) {
    Self.expectClose(Normal.quantile(upper: alpha), expected)
  }

  @Test(
    "Normal tails",
    arguments: [
      (-2.0, 0.9772498680518208), (0.0, 0.5), (1.0, 0.15865525393145707),
      (1.96, 0.024997895148220435),
      (5.0, 2.866515718791933e-07), (8.0, 6.22096057427174e-16),
    ])
  func normalTails(z: Double, expected: Double) {
    Self.expectClose(Normal.upperTail(z), expected)
  }

  @Test(
    "Kolmogorov quantiles",
    arguments: [
      (0.9, 0.5711732651063401), (0.5, 0.8275735551899059), (0.05, 1.3580986393225507),
      (0.01, 1.6276236115189504), (1e-6, 2.6933861344527097), (1e-9, 3.2723396077964124),
    ])
  func kolmogorovQuantiles(alpha: Double, expected: Double) {
    Self.expectClose(Kolmogorov.quantile(upper: alpha), expected)
  }

  /// Constants from the OEIS: A002162 (ln 2), A002392 (ln 10), A001113 (e), A155968 (ln π / 2 = ln Γ(½)).
  @Test("Logarithm, exponential and gamma at known points, and against their own laws")
  func elementary() {
    Self.expectClose(Elementary.log(2), 0.6931471805599453, 1e-15)
    Self.expectClose(Elementary.log(10), 2.302585092994046, 1e-15)
    Self.expectClose(Elementary.log(.leastNonzeroMagnitude), -744.4400719213812, 1e-15)
    Self.expectClose(Elementary.exp(1), 2.718281828459045, 1e-15)
    Self.expectClose(Elementary.exp(-700), 9.859676543759770e-305, 1e-13)
    #expect(Elementary.exp(-800) == 0 && Elementary.exp(800) == .infinity && Elementary.log(1) == 0)
    Self.expectClose(Gamma.logGamma(0.5), 0.5723649429247001, 1e-14)
    var factorial = 1.0
    for n in 1...20 {
      factorial *= Double(n)
      #expect((Gamma.logGamma(Double(n + 1)) - Elementary.log(factorial)).magnitude < 1e-13)
    }
    for step in 1...2_000 {
      let x = Double(step) * 0.37
      Self.expectClose(Elementary.exp(Elementary.log(x)), x, 2e-15 * 8)
      #expect((Elementary.log(x * x) - 2 * Elementary.log(x)).magnitude < 1e-14)
    }
  }
  @Test("Several numbers at once give the bits that they give one by one", arguments: [4, 64, 1_001])
  func batches(count: Int) {
    var chance = SplitMix64(seed: UInt64(count))
    let edges = [
      0, -0.0, -700, 700, 709.9, 710, -745.2, -746, .leastNonzeroMagnitude, .leastNormalMagnitude, 1,
      1.4142135623730951,
    ]
    let numbers = (0..<count).map { index in
      chance.below(8) == 0 ? edges[index % edges.count] : (chance.uniform() * 2 - 1) * [1, 40, 720][chance.below(3)]
    }
    for first in stride(from: 0, to: numbers.count - 3, by: 4) {
      let four = SIMD4(numbers[first], numbers[first + 1], numbers[first + 2], numbers[first + 3])
      let powers = Elementary.exp(four)
      for lane in 0..<4 { #expect(powers[lane].bitPattern == Elementary.exp(four[lane]).bitPattern) }
    }
    let positive = numbers.map(\.magnitude).filter { $0 > 0 } + [Double](repeating: .infinity, count: count % 5)
    for first in stride(from: 0, to: positive.count - 1, by: 2) {
      let two = SIMD2(positive[first], positive[first + 1])
      let logarithms = Elementary.log(two)
      for lane in 0..<2 { #expect(logarithms[lane].bitPattern == Elementary.log(two[lane]).bitPattern) }
    }
  }
}

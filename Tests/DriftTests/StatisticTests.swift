import TestSupport
import Testing

@testable import Drift

/// Expected values from NumPy 2.4 and SciPy 1.17.1:
///
///     m = (r + c) > 0; e = 1 / (r.sum() + c.sum()); K = m.sum()
///     p, q = (r / r.sum() + e) / (1 + K * e), (c / c.sum() + e) / (1 + K * e)
///     psi = ((q - p) * np.log(q / p))[m].sum()
///     js = scipy.spatial.distance.jensenshannon(r, c) ** 2
///     ks = np.abs(np.cumsum(r) / r.sum() - np.cumsum(c) / c.sum()).max()
@Suite("Statistics")
struct StatisticTests {
  @Test(
    "Against NumPy",
    arguments: [
      (
        [10, 20, 30, 40], [40, 30, 20, 10],
        [0.8719768526109904, 0.10644013528622318, 0.39999999999999997]
      ),
      ([100, 0, 0], [0, 0, 50], [9.902525993713665, 0.6931471805599452, 1.0]),
      ([5, 5, 0, 90], [500, 480, 0, 20], [5.291698178041754, 0.4783921651379991, 0.88]),
      (
        [1, 2, 3, 4, 5, 6, 7, 8], [8, 7, 6, 5, 4, 3, 2, 1],
        [0.9846528575869057, 0.14264367061173966, 0.4444444444444444]
      ),
      ([1000, 1], [990, 11], [0.020428415320820584, 0.002447982069896215, 0.009990009990009985]),
    ])
  func published(reference: [Int], current: [Int], expected: [Double]) {
    for (statistic, value) in zip(Statistic.allCases, expected) {
      #expect((statistic.value(reference: reference, current: current) - value).magnitude < 1e-12)
    }
  }

  @Test(
    "Laws over all small counts: zero for equal shares, positive, symmetric divergences, bounded, empty bins inert"
  )
  func laws() {
    let small = everyArray(over: [0, 1, 3], upTo: 3).filter { $0.count == 3 }
    for reference in small {
      for current in small {
        let values = Statistic.allCases.map { $0.value(reference: reference, current: current) }
        let swapped = Statistic.allCases.map { $0.value(reference: current, current: reference) }
        #expect(values.allSatisfy { $0 >= 0 && $0.isFinite })
        #expect(values[1] <= 0.6931471805599454 && values[2] <= 1)
        #expect(zip(values, swapped).allSatisfy { ($0 - $1).magnitude < 1e-12 })
        let padded = Statistic.allCases.map {
          $0.value(reference: reference + [0], current: current + [0])
        }
        #expect(padded == values)
        if reference.reduce(0, +) == 0 || current.reduce(0, +) == 0 {
          #expect(values == [0, 0, 0])
        }
      }
      let doubled = reference.map { $0 * 2 }
      for statistic in Statistic.allCases {
        #expect(statistic.value(reference: reference, current: doubled) < 1e-15)
      }
    }
  }

  @Test("Critical values follow their formulas and are finite wherever there is nothing to compare")
  func critical() {
    // Of 40 bins 32 are occupied, some on one side only.
    let reference = [969] + [Int](repeating: 1, count: 31) + [Int](repeating: 0, count: 8)
    let current = [500] + [Int](repeating: 0, count: 39)
    let comparison = BinComparison(reference: reference, current: current)
    let quantiles = NoiseQuantiles(alpha: 1e-3, bins: 40)
    let psi = Statistic.psi.critical(for: comparison, quantiles)
    #expect((psi - 0.003 * 61.09830608105814).magnitude < 1e-9)
    let js = Statistic.jensenShannon.critical(for: comparison, quantiles)
    #expect((js - psi / 8).magnitude < 1e-12)
    let ks = Statistic.kolmogorovSmirnov.critical(for: comparison, NoiseQuantiles(alpha: 0.05, bins: 40))
    #expect((ks - 1.3580986393225507 * 0.003.squareRoot()).magnitude < 1e-9)
    for (reference, current) in [([9, 0], [9, 0]), ([0, 0], [3, 6]), ([3, 6], [0, 0]), ([], [])] {
      let nothing = BinComparison(reference: reference, current: current)
      #expect(Statistic.allCases.allSatisfy { $0.critical(for: nothing, quantiles) == 0 })
    }
  }
}

import TestSupport
import Testing

@testable import Sketches

@Suite("Quantiles: error")
struct QuantileErrorTests {
  @Test("Ranks are as close as promised, on every stream", arguments: QuantileStream.allCases)
  func streams(stream: QuantileStream) {
    var errors: [Double] = []
    for count in [1_000, 3_000, 30_000] {
      let values = stream.values(count, seed: UInt64(count))
      let sorted = values.sorted()
      errors += (0..<10 as Range<UInt64>).map { (seed: UInt64) -> Double in
        let made = sketch(of: values, seed: seed)
        #expect(made.checkInvariants() == nil && made.count == count)
        #expect(made.minimum == sorted.first && made.maximum == sorted.last)
        return largestRankError(made, sorted: sorted)
      }
    }
    expectPromise(errors, k: 200, "\(stream)")
  }

  @Test("Ranks are as close as promised, for every k", arguments: [8, 12, 30, 100, 500, 2_000])
  func parameters(k: Int) {
    let values = QuantileStream.normal.values(20_000, seed: 1)
    let sorted = values.sorted()
    expectPromise((0..<20).map { largestRankError(sketch(of: values, k: k, seed: $0), sorted: sorted) }, k: k, "")
  }

  /// The promise holds with 99 %: more than two of twenty or thirty miss it once in hundreds of such trials, and none by
  /// more than half.
  private func expectPromise(_ errors: [Double], k: Int, _ what: String) {
    let promise = QuantileSketch<Double>.normalizedRankError(k: k)
    #expect(errors.count { $0 > promise } <= 2, "\(what): \(errors) of \(promise)")
    #expect(errors.allSatisfy { $0 <= 1.5 * promise }, "\(what): \(errors) of \(promise)")
  }

  @Test("Ranks are not biased: errors of many seeds cancel")
  func bias() {
    let values = QuantileStream.normal.values(4_000, seed: 2)
    for value in [-1.0, 0, 0.5] {
      let exact = Double(values.count { $0 <= value }) / 4_000
      let errors = (0..<400 as Range<UInt64>).map { seed in
        (sketch(of: values, k: 30, seed: seed).rank(of: value) ?? 0) - exact
      }
      let mean = errors.reduce(0, +) / 400
      let deviation = (errors.reduce(0) { $0 + $1 * $1 } / 400).squareRoot()
      #expect(abs(mean) < 4 * deviation / 20, "\(value): \(mean) of \(deviation)")
      #expect(deviation > 0)
    }
  }

  @Test("Bounds hold the true rank and the true quantile")
  func bounds() throws {
    let values = QuantileStream.heavyTails.values(20_000, seed: 6)
    let sorted = values.sorted()
    let made = sketch(of: values)
    for percent in stride(from: 0, through: 100, by: 5) {
      let rank = Double(percent) / 100
      let value = sorted[min(19_999, 20_000 * percent / 100)]
      let low = try #require(made.rankLowerBound(of: value))
      let high = try #require(made.rankUpperBound(of: value))
      #expect(low <= rank + 1e-4 && high >= rank && low >= 0 && high <= 1)
      let below = try #require(made.quantileLowerBound(rank))
      let above = try #require(made.quantileUpperBound(rank))
      #expect(below <= value && above >= value)
    }
    #expect(made.quantileLowerBound(0) == sorted.first && made.quantileUpperBound(1) == sorted.last)
  }

  @Test("A view answers as its sketch does")
  func view() throws {
    let made = sketch(of: QuantileStream.rounded.values(7_777, seed: 3))
    let view = made.sortedView
    #expect(view.count == made.count && view.rankError == made.normalizedRankError() && view.rankError > 0)
    #expect(view.values == view.values.sorted() && view.values.count == view.cumulativeWeights.count)
    for value in stride(from: -4.0, through: 4, by: 0.125) {
      for inclusive in [true, false] {
        #expect(view.rank(of: value, inclusive: inclusive) == made.rank(of: value, inclusive: inclusive))
      }
    }
    let cdf = try #require(made.cdf([-1, 0, 1]))
    #expect(cdf.dropLast() == [-1, 0, 1].compactMap { made.rank(of: $0) } && cdf.last == 1)
    #expect(made.quantiles([0.1, 0.9]) == [0.1, 0.9].compactMap { made.quantile($0) })
  }
}

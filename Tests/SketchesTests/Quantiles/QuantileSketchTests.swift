import TestSupport
import Testing

@testable import Sketches

@Suite("Quantiles: small streams and promises")
struct QuantileSketchTests {
  @Test("All streams of up to five values are answered exactly")
  func everySmallStream() throws {
    for values: [Double] in everyArray(over: [-.infinity, -1, 0, 2.5], upTo: 5) {
      let sorted = values.sorted()
      let made = sketch(of: values)
      #expect(made.count == values.count && made.isExact && made.checkInvariants() == nil)
      #expect(made.minimum == sorted.first && made.maximum == sorted.last)
      let decoded = try QuantileSketch<Double>(decoding: made.encode())
      for read in [made, decoded] {
        try expectExact(read, sorted)
      }
    }
  }

  private func expectExact(_ made: QuantileSketch<Double>, _ sorted: [Double]) throws {
    let count = Double(sorted.count)
    for value in [-.infinity, -2, -1, 0, 1, 2.5, 3] as [Double] {
      let rank = made.rank(of: value)
      #expect(rank == (sorted.isEmpty ? nil : Double(sorted.count { $0 <= value }) / count))
      #expect(rank == made.rankLowerBound(of: value) && rank == made.rankUpperBound(of: value))
      let below = made.rank(of: value, inclusive: false)
      #expect(below == (sorted.isEmpty ? nil : Double(sorted.count { $0 < value }) / count))
    }
    for position in sorted.indices {
      #expect(made.quantile(Double(position + 1) / count) == sorted[position])
      #expect(made.quantile((Double(position) + 0.5) / count, inclusive: false) == sorted[position])
    }
    #expect(made.sortedView == QuantileView(sorted: sorted))
    #expect(sorted.isEmpty == (made.quantile(0.5) == nil))
  }

  @Test("Nothing is lost while the sketch is exact, and it is exact for at least k values", arguments: [8, 50, 200])
  func exactBelowK(k: Int) {
    let values = QuantileStream.normal.values(k, seed: 4)
    var made = sketch(of: values, k: k)
    made.seal()
    #expect(made.isExact && made.normalizedRankError() == 0)
    #expect(made.sortedView.values == values.sorted())
  }

  @Test("Batches, and where they end, do not show in the bytes", arguments: QuantileStream.allCases)
  func batches(stream: QuantileStream) {
    var values = stream.values(5_000, seed: 9)
    for index in stride(from: 17, to: 5_000, by: 611) { values[index] = .nan }
    let whole = sketch(of: values)
    #expect(whole.count == values.count { $0 == $0 })
    var random = SplitMix64(seed: 2)
    var scratch = QuantileScratch<Double>()
    for _ in 0..<4 {
      var parts = QuantileSketch<Double>(seed: 1)
      var next = 0
      while next < values.count {
        let taken = min(values.count - next, random.below(3) == 0 ? 1 : random.below(2_500))
        if taken == 1 {
          parts.update(values[next])
        } else {
          parts.update(values.span.extracting(next..<next + taken), using: &scratch)
        }
        next += taken
      }
      #expect(parts == whole && parts.encode() == whole.encode())
    }
  }

  @Test("The same seed gives the same bytes; another gives others")
  func seeds() {
    let values = QuantileStream.normal.values(20_000, seed: 3)
    #expect(sketch(of: values, seed: 5).encode() == sketch(of: values, seed: 5).encode())
    #expect(sketch(of: values, seed: 5).encode() != sketch(of: values, seed: 6).encode())
  }

  @Test("Not-a-numbers are passed over; infinities are values")
  func specialValues() {
    var made = QuantileSketch<Double>(seed: 1)
    for _ in 0..<3_000 {
      made.update(.nan)
      made.update([.infinity, -.infinity, 0, -0.0, .nan].span)
    }
    #expect(made.count == 12_000 && made.minimum == -.infinity && made.maximum == .infinity)
    #expect(made.quantile(0.5) == 0 && made.checkInvariants() == nil)
    #expect(made.rank(of: .nan) == nil && made.sortedView.rank(of: .nan) == nil)
  }

  @Test("Questions that have no answer get none")
  func noAnswers() {
    let empty = QuantileSketch<Float>(seed: 1)
    #expect(empty.isEmpty && empty.minimum == nil && empty.maximum == nil && empty.rank(of: 1) == nil)
    #expect(empty.quantile(0.5) == nil && empty.quantiles([0.5]) == nil && empty.cdf([1]) == nil)
    let made = sketch(of: [1, 2, 3] as [Float])
    #expect(made.quantile(-0.1) == nil && made.quantile(1.1) == nil && made.quantile(.nan) == nil)
    #expect(made.quantileLowerBound(2) == nil && made.quantileUpperBound(.nan) == nil)
    #expect(made.cdf([2, 1]) == nil && made.pmf([1, 1]) == nil && made.cdf([.nan]) == nil)
    #expect(made.pmf([]) == [1] && made.pmf([1, 2]) == [1.0 / 3, 2.0 / 3 - 1.0 / 3, 1 - 2.0 / 3])
  }

  @Test("k is held to what the format can say")
  func parameter() {
    #expect(QuantileSketch<Double>(k: 0, seed: 1).k == 8)
    #expect(QuantileSketch<Double>(k: .max, seed: 1).k == 65_535)
    #expect(abs(QuantileSketch<Double>.normalizedRankError(k: 200) - 0.013_3) < 1e-4)
    #expect(abs(QuantileSketch<Double>.normalizedRankError(k: 200, pmf: true) - 0.016_5) < 1e-4)
  }

  @Test("The items of a sketch of doubles at k = 200 take at most four kilobytes")
  func memory() {
    for count in [1_000, 10_000, 100_000] {
      var made = sketch(of: QuantileStream.normal.values(count, seed: 1))
      made.seal()
      #expect(made.levels.items.capacity * 8 <= 4_096, "\(count) values")
    }
  }
}

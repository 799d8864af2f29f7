import Bytes
import TestSupport
import Testing

@testable import Models

@Suite struct MomentsTests {
  @Test func agreesWithTwoPasses() {
    var random = SplitMix64(seed: 4)
    let values = (0..<1_000).map { _ in 1e6 + 3 * random.normal() }
    var moments = Moments()
    for value in values { moments.add(value) }
    let mean = values.reduce(0, +) / 1_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1_000
    #expect(abs(moments.mean - mean) < 1e-8)
    #expect(abs(moments.deviation - variance.squareRoot()) < 1e-8)
    #expect(abs(moments.standardized(mean + moments.deviation) - 1) < 1e-8)
  }

  @Test func constantColumnSaysZero() {
    var moments = Moments()
    for _ in 0..<100 { moments.add(7) }
    #expect(moments.standardized(7) == 0)
    #expect(moments.standardized(1e300) == 0)
  }

  /// What is constant depends on the unit of no column.
  @Test(arguments: [1e-140, 1e-12, 1, 1e12, 1e90]) func scaleDoesNotMatter(scale: Double) {
    var random = SplitMix64(seed: 4)
    var moments = Moments()
    for _ in 0..<1_000 { moments.add(scale * (5 + random.normal())) }
    #expect(abs(moments.standardized(scale * 6) - 1) < 0.1)
    var same = Moments()
    for index in 0..<1_000 { same.add(scale * (index.isMultiple(of: 2) ? 1 : 1 + 2e-16)) }
    #expect(same.standardized(scale * 2) == 0)
  }

  @Test func oneOutlierDoesNotBlindTheColumn() {
    for outlier in [1e6, 1e30, 1e300, -1e300, .greatestFiniteMagnitude] {
      var random = SplitMix64(seed: 5)
      var moments = Moments()
      for _ in 0..<200 { moments.add(random.normal()) }
      moments.add(outlier)
      for _ in 0..<200 { moments.add(random.normal()) }
      #expect(moments.deviation < 2)
      #expect(abs(moments.mean) < 1)
    }
  }

  @Test func trueChangeOfScaleGetsThrough() {
    var random = SplitMix64(seed: 6)
    var moments = Moments()
    for _ in 0..<1_000 { moments.add(random.normal()) }
    for _ in 0..<1_000 { moments.add(1_000 * random.normal()) }
    #expect(moments.deviation > 100)
  }

  @Test func earlyExtremesStayFinite() {
    var moments = Moments()
    for value in [1e308, -1e308, 0, 1e308, 5] {
      moments.add(value)
      #expect(moments.mean.isFinite && moments.deviation.isFinite && moments.standardized(-1e308).isFinite)
    }
  }

  /// Wherever they stand: an eighth of the first values may be outliers.
  @Test func outliersAtTheStartDoNotBlindTheColumn() {
    for outlier in [1e6, -1e12, 1e100, .greatestFiniteMagnitude] {
      for places in [[0], [1], [2], [15], [29], [30], [0, 1, 2, 3], [0, 9, 18, 27]] {
        var random = SplitMix64(seed: 7)
        var moments = Moments()
        for index in 0..<60 {
          let value = 40 + 2 * random.normal()
          moments.add(places.contains(index) ? outlier : value)
        }
        #expect(abs(moments.mean - 40) < 8 && moments.deviation > 1 && moments.deviation < 15, "\(outlier), \(places)")
      }
    }
  }

  /// A column that was constant has no scale: the first value that differs must not become it.
  @Test func outlierAfterAConstantDoesNotBlindTheColumn() {
    for constant in [0.0, -7, 1e9] {
      var random = SplitMix64(seed: 8)
      var moments = Moments()
      for _ in 0..<500 { moments.add(constant) }
      moments.add(1e15)
      for _ in 0..<200 { moments.add(constant + (random.uniform() < 0.1 ? 5 * random.uniform() : 0)) }
      #expect(moments.deviation > 0.1 && moments.deviation < 5, "\(constant)")
    }
  }

  @Test func rareValuesOfASparseColumnKeepTheirScale() {
    for share in [0.1, 0.5] {
      var random = SplitMix64(seed: 9)
      var moments = Moments()
      var values: [Double] = []
      for _ in 0..<2_000 {
        values.append(random.uniform() < share ? 1_000 * random.uniform() : 0)
        moments.add(values[values.count - 1])
      }
      let mean = values.reduce(0, +) / 2_000
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2_000).squareRoot()
      #expect(moments.deviation > 0.7 * deviation && moments.deviation < 1.1 * deviation, "\(share)")
    }
  }

  /// Written and read after every value, within the opening and past it.
  @Test func decodedMomentsGoOnBitForBit() throws {
    var random = SplitMix64(seed: 10)
    var straight = Moments()
    var resumed = straight
    for index in 0..<100 {
      let value = index < 20 ? 3 : index % 17 == 0 ? 1e12 : random.normal()
      straight.add(value)
      resumed.add(value)
      var writer = ByteWriter()
      resumed.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      resumed = try Moments(from: &reader)
      try reader.expectEnd()
      #expect(resumed == straight, "\(index)")
    }
  }
}

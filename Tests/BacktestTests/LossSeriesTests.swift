import Testing

@testable import Backtest

@Suite struct LossSeriesTests {
  @Test("however many rows come, sum, count and mean are those of the rows, in bounded buckets")
  func sums() {
    for rows in [0, 1, 2_047, 2_048, 2_049, 10_000, 300_001] {
      var series = LossSeries(from: 7)
      series.add(1e9, row: 6)
      for row in 0..<rows { series.add(Double(row % 3), row: row + 7) }
      let sum = (0..<rows).reduce(0) { $0 + Double($1 % 3) }
      #expect(series.count == rows)
      #expect(series.sum == sum)
      #expect(series.mean == (rows > 0 ? sum / Double(rows) : nil))
      #expect(series.buckets.count <= LossSeries.mostBuckets)
      #expect(series.length.nonzeroBitCount == 1)
    }
  }

  @Test("buckets depend on the rows alone, not on the order in which their labels came")
  func order() {
    var forwards = LossSeries(from: 0)
    var backwards = LossSeries(from: 0)
    for row in 0..<5_000 { forwards.add(Double(row), row: row) }
    for row in (0..<5_000).reversed() { backwards.add(Double(row), row: row) }
    #expect(forwards == backwards)
  }

  @Test("points cover every bucket once, and say where no row had a label")
  func means() {
    var series = LossSeries(from: 100)
    for row in 100..<1_100 where !(400..<500).contains(row) { series.add(row < 600 ? 1 : 3, row: row) }
    let points = series.means(points: 10)
    #expect(points.map(\.row) == stride(from: 100, to: 1_100, by: 100).map { $0 })
    #expect(points.map(\.mean) == [1, 1, 1, nil, 1, 3, 3, 3, 3, 3])
    #expect(LossSeries(from: 0).means(points: 5).isEmpty)
  }
}

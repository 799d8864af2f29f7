import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Dependence")
struct BetDependenceTests {
  @Test("Independent rows have none", arguments: TestShape.allCases.filter { $0 != .memory })
  func independent(shape: TestShape) {
    let found = (1...10).map { TestRun([shape], rows: 2_000, seed: $0).reference.columns[0].dependence }.sorted()
    // The largest excursion passes its bound on one series in ten, by little.
    #expect(found[5] == 1 && found[9] < 1.6, "\(found)")
  }

  /// The variance of sums of a first-order autoregression with coefficient 0.9 is 19 times that of independent rows.
  @Test("Rows with a memory have theirs, or more")
  func autoregressive() {
    let found = (1...7).map { TestRun([.memory], rows: 10_000, seed: $0).reference.columns[0].dependence }.sorted()
    #expect(found[0] > 13 && found[3] > 17 && found[6] < 45, "\(found)")
  }

  @Test("Every row twenty times over counts for one in twenty")
  func repeated() {
    var chance = SplitMix64(seed: 3)
    var builder = ReferenceBuilder(columns: [ColumnSchema(name: "x", kind: .numeric)])
    for _ in 0..<1_000 {
      let value = chance.normal()
      for _ in 0..<20 { builder.add([.number(value)]) }
    }
    let dependence = builder.finish().columns[0].dependence
    #expect((18.0...35).contains(dependence), "\(dependence)")
  }

  @Test("Panes of one row say what rows say")
  func panesOfOne() {
    var stream = TestStream(.memory, seed: 4)
    let values = (0..<2_000).map { _ in stream.next() }
    var builder = ReferenceBuilder(columns: [ColumnSchema(name: "x", kind: .numeric)])
    for value in values { builder.add([value]) }
    let column = builder.finish().columns[0]
    let panes = values.map { value -> [Int] in
      var sketch = column.emptySketch
      sketch.add(value)
      return sketch.detectorCounts
    }
    let bets = Bets(binning: column.binning, counts: column.countsWithMissing)
    #expect(BetDependence.estimate(bets, panes: panes) == column.dependence)
  }

  @Test("A bursty column of missing values is found")
  func bursts() {
    var chance = SplitMix64(seed: 8)
    var builder = ReferenceBuilder(columns: [ColumnSchema(name: "x", kind: .numeric)])
    for row in 0..<4_000 { builder.add([row % 400 < 20 ? .missing : .number(chance.normal())]) }
    #expect(builder.finish().columns[0].dependence > 5)
  }

  @Test("No rows, few rows, one value")
  func degenerate() {
    for rows in [0, 1, 2, 49, 50] {
      #expect(TestRun([.normal], rows: rows, seed: 1).reference.columns[0].dependence >= 1)
    }
    #expect(TestRun([.constant], rows: 1_000, seed: 1).reference.columns[0].dependence == 1)
  }
}

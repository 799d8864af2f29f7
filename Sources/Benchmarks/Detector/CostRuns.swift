import Drift
import Sketches

/// What a pane costs the detector, and a column its reference: the best of several runs.
func costTable(_ options: DetectorOptions) -> BenchmarkTable {
  var table = BenchmarkTable(
    "Cost on one core, 20 normal columns, 10,000 reference rows",
    ["what", "events", "ns a column and pane", "ns a value"]
  )
  let scenario = Scenario(name: "cost", kind: .normal, rows: 10_000, columns: 20)
  let trial = Trial(scenario, seed: options.firstSeed)
  for size in [1, 16, 64, 1_000] {
    let panes = (0..<64).map { _ in pane(of: trial, rows: size) }
    var best = Double.infinity
    for _ in 0..<(options.seeds ?? 20) {
      var detector = trial.detector
      let time = ContinuousClock().measure {
        for (index, pane) in panes.enumerated() { detector.observe(pane, start: Int64(index)) }
      }
      best = min(best, time / .nanoseconds(1) / Double(panes.count * scenario.columns))
    }
    table.add(["observe a pane", "\(size)", rounded(best), rounded(best / Double(size))])
  }
  for rows in [1_000, 10_000, 100_000] {
    var streams = [Stream(.normal, seed: 1)]
    let values = (0..<rows).map { _ in streams[0].next() }
    var best = Double.infinity
    for _ in 0..<3 {
      let time = ContinuousClock().measure {
        var builder = ReferenceBuilder(columns: [ColumnSchema(name: "x", kind: .numeric)])
        for value in values { builder.add([.number(value)]) }
        if builder.finish().rows != rows { print("a reference lost rows") }
      }
      best = min(best, time / .nanoseconds(1))
    }
    table.add(["build a reference", "\(rows)", rounded(best), rounded(best / Double(rows))])
  }
  return table
}

/// A quiet pane of the trial's streams.
private func pane(of trial: Trial, rows: Int) -> PaneCounts {
  var streams = trial.streams
  let columns = trial.reference.columns.indices.map { index -> [Int] in
    var sketch = ColumnSketch(binning: trial.reference.columns[index].binning)
    for _ in 0..<rows { sketch.add(streams[index].value(streams[index].next())) }
    return sketch.detectorCounts
  }
  return PaneCounts(columns: columns)
}

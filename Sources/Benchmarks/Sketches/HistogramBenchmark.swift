import Sketches

/// Counting values over frozen bins, alone and as a column's sketch does it (with its moments, looking for missing and
/// invalid values), beside NumPy's binary search and count.
struct HistogramBenchmark: Benchmark {
  let name = "histogram"
  private let count = 100_000

  func run(into table: inout Table) throws {
    for (kind, values) in [
      ("normal", Samples.normal(count, seed: 1)), ("lognormal", Samples.lognormal(count, seed: 2)),
      ("heavy tails", Samples.heavyTails(count, seed: 3)),
    ] {
      for bins in [32, 128] { try compare(values, kind, bins: bins, in: &table) }
    }
    var holes = Samples.normal(count, seed: 4)
    for index in stride(from: 0, to: count, by: 20) { holes[index] = .nan }
    try compareColumns(holes, "5 % missing", bins: 32, in: &table)
  }

  private func compare(_ values: [Double], _ kind: String, bins: Int, in table: inout Table) throws {
    guard let binning = Self.binning(values, bins: bins) else { return }
    let peer = table.python(
      packages: ["numpy"], data: ["x": values, "edges": binning.edges],
      functions: """
        def histogram():
            return numpy.bincount(numpy.searchsorted(edges, x, side="left"), minlength=\(bins))[0]
        """)
    try table.compare(
      Figure("histogram, \(bins) bins, \(kind)", .nanoseconds(per: "value"), targets: [.value(2)]), items: count,
      ours: Contender("Sketches") { keep(binning.counts(of: values.span)) }, peer: peer.calling("histogram"))
    if kind == "normal" { try compareColumns(values, kind, bins: bins, in: &table) }
  }

  private func compareColumns(_ values: [Double], _ kind: String, bins: Int, in table: inout Table) throws {
    guard let binning = Self.binning(values, bins: bins) else { return }
    let peer = table.python(
      packages: ["numpy"], data: ["x": values, "edges": binning.edges],
      functions: """
        def column():
            valid = x[numpy.abs(x) <= \(SketchLimits.magnitude)]
            valid.mean(), valid.var(), valid.min(), valid.max()
            return numpy.bincount(numpy.searchsorted(edges, valid, side="left"), minlength=\(bins))[0]
        """)
    try table.compare(
      Figure("column sketch, \(bins) bins, \(kind)", .nanoseconds(per: "value")), items: count,
      ours: Contender("Sketches") {
        var sketch = ColumnSketch(binning: .numeric(binning))
        sketch.update(values.span)
        keep(sketch)
      }, peer: peer.calling("column"))
  }

  /// Bins of equal mass.
  private static func binning(_ values: [Double], bins: Int) -> NumericBinning? {
    let sorted = values.filter { !$0.isNaN }.sorted()
    return NumericBinning(validating: (1..<bins).map { sorted[sorted.count * $0 / bins] })
  }
}

import Sketches
import Windows

/// Sliding a window by one pane and reading its sum, beside merging all of its panes anew; and the memory of windows.
struct WindowBenchmark: Benchmark {
  let name = "windows"
  private static let rowsPerPane = 1_000
  private static let slides = 1_000

  func run(into table: inout Table) throws {
    let quantiles = try Self.quantilePanes(Self.slides + 240)
    for (panes, times) in [(60, 15.0), (240, 50)] {
      try Self.compare(
        Figure(
          "slide of \(panes) panes of quantiles (KLL, k = 200)", .microseconds(per: "slide"),
          targets: panes == 60 ? [.ratio(1 / times), .value(3)] : [.ratio(1 / times)]),
        MergingWindow<QuantileSketch<Double>>(span: .rows(panes)), quantiles, panes, in: &table)
    }
    let columns = Self.columnPanes(Self.slides + 60)
    try Self.compare(
      Figure("slide of 60 panes of a histogram and moments", .microseconds(per: "slide")),
      SlidingWindow<TableSketch>(span: .rows(60)), columns, 60, in: &table)
    Self.addMemory(quantiles, columns, to: &table)
  }

  private static func compare<Window: BenchmarkedWindow>(
    _ figure: Figure, _ window: Window, _ summaries: [Window.Aggregate], _ panes: Int, in table: inout Table
  ) throws {
    var full = window
    for number in 0..<panes { full.push(summaries[number], number) }
    let ours = Contender("Windows") {
      var window = full
      for number in panes..<panes + slides {
        window.push(summaries[number], number)
        keep(window.total)
      }
    }
    let peer = Contender("merging all panes") {
      for number in stride(from: panes, to: panes + slides, by: 10) {
        var total = summaries[number - panes]
        for summary in summaries[number - panes + 1..<number] { total.merge(summary) }
        keep(total)
      }
    }
    // The peer does a tenth of the slides.
    try table.compare(
      figure, items: slides, ours: ours,
      peer: .contender(.reporting(peer.name) { try peer.seconds() * 10 }))
  }

  /// As Monitor gets them: read from the bytes of closed panes.
  private static func quantilePanes(_ count: Int) throws -> [QuantileSketch<Double>] {
    let values = Samples.normal(rowsPerPane, seed: 6)
    return try (0..<count).map { number in
      var sketch = QuantileSketch<Double>(seed: UInt64(number))
      let batch = values.map { $0 + Double(number % 7) }
      sketch.update(batch.span)
      sketch.seal()
      return try QuantileSketch(decoding: sketch.encode())
    }
  }

  private static func columnPanes(_ count: Int) -> [TableSketch] {
    let values = Samples.normal(rowsPerPane, seed: 7)
    let binning = Binning.numeric(NumericBinning.build(sortedReference: values.sorted()))
    let layout = TableLayout([binning])
    return (0..<count).map { number in
      var sketch = ColumnSketch(binning: binning)
      let batch = values.map { $0 + Double(number % 7) / 10 }
      sketch.update(batch.span)
      return TableSketch(layout, [sketch])
    }
  }
}

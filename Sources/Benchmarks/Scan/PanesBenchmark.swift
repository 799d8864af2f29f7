import Bytes
import Events
import Foundation
import Sketches

/// From bytes in memory to updated panes: histogram, moments and quantiles of twenty columns, on one core, beside
/// whylogs' columnar update of the same rows, which is not charged for parsing.
struct PanesBenchmark: Benchmark {
  let name = "panes"
  var events = 50_000

  func run(into table: inout Table) throws {
    // whylogs would report its use over the network.
    setenv("WHYLOGS_NO_ANALYTICS", "True", 1)
    let data = BenchmarkEvents(count: events)
    let columns = Dictionary(uniqueKeysWithValues: BenchmarkEvents.names.indices.map { ("c\($0)", data.column($0)) })
    let peer = table.python(
      packages: ["whylogs", "pandas"], data: columns,
      functions: """
        frame = pandas.DataFrame({f"c{place}": globals()[f"c{place}"] for place in range(\(columns.count))})
        def columnar(): whylogs.log(frame)
        """)
    let binnings = BenchmarkEvents.names.indices.map { NumericBinning.build(sortedReference: data.column($0).sorted()) }
    try table.compare(
      Figure("JSON to panes, 20 columns", .perSecond("event"), targets: [.value(1_200_000), .ratio(16)]),
      items: events, ours: Contender("scanner, panes") { keep(Self.json(data, binnings)) },
      peer: peer.calling("columnar"))
    try table.compare(
      Figure("binary to panes, 20 columns", .perSecond("event"), targets: [.value(4_000_000)]), items: events,
      ours: Contender("scanner, panes") { keep(try Self.binary(data, binnings)) }, peer: peer.calling("columnar"))
  }

  private static func json(_ data: BenchmarkEvents, _ binnings: [NumericBinning]) -> BenchmarkPane {
    var pane = BenchmarkPane(binnings)
    var scanner = data.scanner
    scanner.scanLines(data.lines) { scanner, _, scanned in
      if case .success = scanned { pane.append(scanner.row) }
    }
    pane.flush()
    return pane
  }

  private static func binary(_ data: BenchmarkEvents, _ binnings: [NumericBinning]) throws -> BenchmarkPane {
    var pane = BenchmarkPane(binnings)
    var scanner = data.scanner
    var start = 0
    for end in data.binaryEnds {
      _ = try scanner.scan(data.binary[start..<end])
      pane.append(scanner.row)
      start = end
    }
    pane.flush()
    return pane
  }
}

/// A pane that counts its rows in blocks, with quantiles beside the histogram.
private struct BenchmarkPane {
  private static let block = 1_024
  /// From one column to the next: not a power of two, so that the columns' places for a row share no cache set.
  private static let stride = block + 8

  private var cells: [Double]
  private var rows = 0
  private var columns: [ColumnSketch]
  private var quantiles: [QuantileSketch<Double>]
  private var scratch = QuantileScratch<Double>()

  init(_ binnings: [NumericBinning]) {
    columns = binnings.map { ColumnSketch(binning: .numeric($0)) }
    quantiles = binnings.indices.map { QuantileSketch(seed: UInt64($0)) }
    cells = [Double](repeating: 0, count: Self.stride * binnings.count)
  }

  mutating func append(_ row: [Double]) {
    var place = rows
    for value in row {
      cells[place] = value
      place += Self.stride
    }
    rows += 1
    if rows == Self.block { flush() }
  }

  mutating func flush() {
    for place in columns.indices {
      let start = place * Self.stride
      Self.count(cells, start..<start + rows, &columns[place], &quantiles[place], &scratch)
    }
    rows = 0
  }

  private static func count(
    _ cells: [Double], _ range: Range<Int>, _ column: inout ColumnSketch, _ quantiles: inout QuantileSketch<Double>,
    _ scratch: inout QuantileScratch<Double>
  ) {
    let values = cells.span.extracting(range)
    column.update(values)
    quantiles.update(values, using: &scratch)
  }
}

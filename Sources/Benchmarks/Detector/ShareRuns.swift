import Drift
import Events
import Sketches
import Windows

/// What the detector adds to a pane's way from scanned events to Monitor's window: the best of several runs.
///
/// Summarize is charged for scanning and counting alone, neither for its log nor for joining, nor for the quantiles that
/// it keeps for people; Monitor for reading the record, checking it and sliding its window. The share is thus a bound.
func shareTable(_ options: DetectorOptions) -> BenchmarkTable {
  var table = BenchmarkTable(
    "The detector's share of a pane, 20 numeric columns, 10,000 reference rows, one core",
    ["what", "events", "us a pane", "% more"])
  let rounds = options.seeds ?? 20
  for rows in [1_000, 10_000] {
    let data = BenchmarkEvents(count: rows)
    let columns = BenchmarkEvents.names.indices.map { data.column($0) }
    let reference = reference(of: columns, rows: 10_000)
    let counted = best(of: rounds) { keep(summary(data, columns, reference, scans: false)) }
    let scanned = best(of: rounds) { keep(summary(data, columns, reference, scans: true)) }
    let record = SummaryRecord.pane(summary(data, columns, reference, scans: false)).encoded()
    var window = SlidingWindow<TableSketch>(span: WindowSpan(length: 60))
    var start: Int64 = 0
    let handled =
      best(of: rounds) {
        for _ in 0..<10 {
          guard let sketches = sketches(of: record, reference) else { return print("a summary cannot be read") }
          if !window.push(sketches, rows: rows, start: start, end: start + 1) { print("a pane was refused") }
          start += 1
        }
      } / 10
    var detector = ModelDetector(reference: reference)
    let pane = sketches(of: record, reference).map { PaneCounts($0.columns) }
    let observed =
      best(of: rounds) {
        detector.rearm()
        for index in 0..<10 { if let pane { detector.observe(pane, start: Int64(index)) } }
      } / 10
    for (what, time, base) in [
      ("Summarize: count values", counted, nil), ("Summarize: scan JSON, count", scanned, nil),
      ("Monitor: read, check, slide", handled, nil), ("detector", observed, scanned + handled),
      ("detector, nothing scanned", observed, counted + handled),
    ] as [(String, Double, Double?)] {
      table.add([what, "\(rows)", rounded(time), base.map { rounded(100 * observed / $0) } ?? "-"])
    }
  }
  return table
}

private func reference(of columns: [[Double]], rows: Int) -> Reference {
  var builder = ReferenceBuilder(
    columns: BenchmarkEvents.names.map { ColumnSchema(name: $0, kind: .numeric) })
  for row in 0..<rows { builder.add(columns.map { .number($0[row % $0.count]) }) }
  return builder.finish()
}

/// What Summarize makes of a pane, from the events' bytes or from columns in memory.
private func summary(_ data: BenchmarkEvents, _ columns: [[Double]], _ reference: Reference, scans: Bool)
  -> PaneSummary
{
  var sketches = reference.columns.map { ColumnSketch(binning: $0.binning) }
  var columns = columns
  if scans {
    for index in columns.indices { columns[index].removeAll(keepingCapacity: true) }
    var scanner = data.scanner
    scanner.scanLines(data.lines) { scanner, _, scanned in
      guard case .success = scanned else { return }
      for (index, value) in scanner.row.enumerated() { columns[index].append(value) }
    }
  }
  for index in sketches.indices {
    let values = columns[index]
    sketches[index].update(values.span)
  }
  return PaneSummary(
    model: BenchmarkEvents.model, version: 3, partition: 0, tick: 10_000, start: 0, end: 10_000,
    rows: columns[0].count, columns: zip(BenchmarkEvents.names, sketches).map { ColumnSummary($0, $1) })
}

private func sketches(of record: [UInt8], _ reference: Reference) -> TableSketch? {
  guard case .pane(let pane)? = try? SummaryRecord.decode(record[...]) else { return nil }
  var table = TableSketch(TableLayout(reference.columns.map(\.binning)))
  for (column, summary) in pane.columns.enumerated() {
    let moments = summary.moments.map {
      Moments(count: $0.count, mean: $0.mean, m2: $0.m2, min: $0.min, max: $0.max)
    }
    let isTaken = table.add(
      validating: column, count: summary.count, missing: summary.missing, invalid: summary.invalid,
      moments: moments ?? Moments(), bins: summary.bins, unseen: [:], unseenOther: summary.unseenOther)
    if !isTaken { return nil }
  }
  return table
}

/// Microseconds of the quickest run.
private func best(of rounds: Int, _ work: () -> Void) -> Double {
  (0..<rounds).reduce(.infinity) { best, _ in min(best, ContinuousClock().measure(work) / .microseconds(1)) }
}

extension ColumnSummary {
  fileprivate init(_ name: String, _ sketch: ColumnSketch) {
    let moments = sketch.moments
    self.init(
      name: name, count: sketch.count, missing: sketch.missing, invalid: sketch.invalid,
      moments: MomentsRecord(
        count: moments.count, mean: moments.mean, m2: moments.m2, min: moments.min, max: moments.max),
      bins: sketch.bins)
  }
}

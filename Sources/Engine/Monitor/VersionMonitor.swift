import Bytes
import Drift
import Events
import Models
import Sketches
import Windows

/// The sliding window of one model version's panes against that version's reference.
struct VersionMonitor {
  /// What slides: the columns' sketches and, last where there is one, the prediction's.
  typealias Aggregate = [ColumnSketch]

  /// When the version was published.
  let published: Milliseconds
  let test: DriftTest
  var window: SlidingWindow<Aggregate>
  var windowEnd = Milliseconds.min

  /// Nil where the facts cannot be read.
  init?(facts: VersionFacts, configuration: MonitorConfiguration) {
    guard let reference = facts.reference.reference else { return nil }
    self.init(published: facts.published, reference: reference, configuration: configuration)
  }

  init(published: Milliseconds, reference: Reference, configuration: MonitorConfiguration) {
    self.published = published
    test = DriftTest(reference: reference, configuration: configuration.drift)
    window = SlidingWindow(span: WindowSpan(length: configuration.window))
  }

  var reference: Reference { test.reference }

  /// - Returns: whether the pane fitted the reference and the window's order.
  mutating func push(_ pane: PaneSummary) -> Bool {
    guard let aggregate = aggregate(of: pane) else { return false }
    windowEnd = max(windowEnd, pane.end)
    return window.push(aggregate, rows: pane.rows, start: pane.start, end: pane.end)
  }

  func report(version: Int) -> DriftReport? {
    guard let total = window.total, let start = window.start else { return nil }
    return test.report(
      version: version, from: start, to: windowEnd, rows: window.rows,
      sketches: Array(total.prefix(reference.columns.count)),
      prediction: reference.prediction == nil ? nil : total.last)
  }

  /// What `encode` wrote of one pane's aggregate.
  func sketches(from reader: inout ByteReader) throws(ByteError) -> Aggregate {
    let binnings = (reference.columns + [reference.prediction].compactMap { $0 }).map(\.binning)
    guard try reader.count() == binnings.count else { throw reader.failure("a pane of other columns") }
    var sketches: Aggregate = []
    for binning in binnings { sketches.append(try ColumnSketch(from: &reader, binning: binning)) }
    return sketches
  }

  private func aggregate(of pane: PaneSummary) -> Aggregate? {
    guard pane.columns.count == reference.columns.count else { return nil }
    var sketches: Aggregate = []
    for (summary, column) in zip(pane.columns, reference.columns) {
      guard summary.name == column.name, let sketch = ColumnSketch(summary, binning: column.binning) else { return nil }
      sketches.append(sketch)
    }
    if let prediction = reference.prediction {
      guard let summary = pane.prediction, let sketch = ColumnSketch(summary, binning: prediction.binning) else {
        return nil
      }
      sketches.append(sketch)
    }
    return sketches
  }
}

extension ColumnSketch {
  fileprivate init?(_ summary: ColumnSummary, binning: Binning) {
    self.init(
      validating: binning, count: summary.count, missing: summary.missing, invalid: summary.invalid,
      moments: Moments(summary.moments), bins: summary.bins,
      unseen: Dictionary(summary.unseen.map { ($0.level, $0.count) }, uniquingKeysWith: +),
      unseenOther: summary.unseenOther)
  }
}

extension ReferenceRecord {
  /// Nil where a column's bins or counts are not what a reference has.
  var reference: Reference? {
    var columns: [ColumnReference] = []
    for record in self.columns {
      guard let column = record.columnReference else { return nil }
      columns.append(column)
    }
    return Reference(
      rows: rows, columns: columns, prediction: prediction?.columnReference, loss: loss.map { Moments($0) },
      error: error.map { Moments($0) }, provisional: provisional)
  }

  init(_ reference: Reference) {
    self.init(
      rows: reference.rows, provisional: reference.provisional,
      columns: reference.columns.map(ColumnReferenceRecord.init),
      prediction: reference.prediction.map(ColumnReferenceRecord.init), loss: reference.loss?.record,
      error: reference.error?.record)
  }
}

extension ColumnReferenceRecord {
  var columnReference: ColumnReference? {
    guard let binning, counts.count == binning.binCount else { return nil }
    guard (counts + [missing]).allSatisfy({ (0...SketchLimits.count).contains($0) }) else { return nil }
    return ColumnReference(
      name: name, binning: binning, counts: counts, missing: missing, moments: moments.map { Moments($0) })
  }

  init(_ column: ColumnReference) {
    switch column.binning {
    case .numeric(let binning):
      self.init(
        name: column.name, edges: binning.edges, counts: column.counts, missing: column.missing,
        moments: column.moments?.record)
    case .categories(let binning):
      self.init(
        name: column.name, levels: binning.levels, otherLevels: binning.others,
        otherLevelsIncomplete: binning.othersIncomplete, counts: column.counts, missing: column.missing)
    }
  }
}

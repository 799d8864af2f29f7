import Bytes
import Drift
import Events
import Models
import Sketches
import Windows

/// What Monitor keeps of one model version: the sliding window of its panes, and the sequential detector over all of
/// them.
struct VersionMonitor {
  let number: Int
  /// When the version was published.
  let published: Milliseconds
  let test: DriftTest
  /// Of the columns and, last where there is one, the prediction.
  var window: SlidingWindow<TableSketch>
  var windowEnd = Milliseconds.min
  var detector: ModelDetector
  /// The detector's alarm, from when it was raised until the detector is armed again.
  var alarm: DriftAlarm?
  /// Of what slides, and of the derived columns.
  private let layout: TableLayout
  private let derivedLayout: TableLayout

  /// Nil where the facts cannot be read.
  init?(_ number: Int, facts: VersionFacts, configuration: MonitorConfiguration) {
    guard let reference = facts.reference.reference else { return nil }
    self.init(number, published: facts.published, reference: reference, configuration: configuration)
  }

  init(_ number: Int, published: Milliseconds, reference: Reference, configuration: MonitorConfiguration) {
    self.number = number
    self.published = published
    test = DriftTest(reference: reference, configuration: configuration.drift)
    window = SlidingWindow(span: WindowSpan(length: configuration.window))
    detector = ModelDetector(reference: reference, configuration: configuration.detector)
    layout = TableLayout((reference.columns + [reference.prediction].compactMap { $0 }).map(\.binning))
    derivedLayout = TableLayout(reference.derived.map(\.column.binning))
  }

  var reference: Reference { test.reference }

  /// Takes the panes of one start, source partitions in order.
  /// - Returns: of each, whether it fitted the reference and the window's order.
  mutating func push(_ panes: [PaneSummary]) -> [Bool] {
    let parts = panes.map { PaneSketches($0, reference: reference, layout, derivedLayout) }
    var whole: PaneSketches?
    for part in parts.compactMap({ $0 }) {
      if whole == nil { whole = part } else { whole?.merge(part) }
    }
    guard let whole, let start = panes.first?.start,
      window.push(whole.window, rows: whole.rows, start: start, end: whole.end)
    else { return panes.map { _ in false } }
    windowEnd = max(windowEnd, whole.end)
    detector.observe(whole.window, derived: whole.derived, start: start)
    return parts.map { $0 != nil }
  }

  /// Takes the judged panes of one start, whose counts are plausible: their losses are a column like any other.
  mutating func push(judged panes: [JudgedSummary]) {
    guard let column = reference.lossColumn, let start = panes.first?.start else { return }
    var counts = [Int](repeating: 0, count: column.binning.binCount + 1)
    for pane in panes where pane.lossBins.count == counts.count {
      for bin in counts.indices { counts[bin] += pane.lossBins[bin] }
    }
    detector.observeLoss(counts, start: start)
  }

  /// Looks at the detector after the panes of a tick; keeps the alarm that it raises.
  /// - Returns: whether it has raised one.
  mutating func tick(_ time: Milliseconds) -> Bool {
    guard detector.raise() else { return false }
    alarm = DriftAlarm(
      detector.reading(), version: number, time: time, logThreshold: detector.configuration.logThreshold)
    return true
  }

  /// Ends the alarm, so that evidence must be found anew.
  mutating func rearm() {
    detector.rearm()
    alarm = nil
  }

  /// What `encode` wrote of one pane of the window.
  func sketches(from reader: inout ByteReader) throws(ByteError) -> TableSketch {
    guard try reader.count() == layout.binnings.count else { throw reader.failure("a pane of other columns") }
    var sketches: [ColumnSketch] = []
    for binning in layout.binnings { sketches.append(try ColumnSketch(from: &reader, binning: binning)) }
    return TableSketch(layout, sketches)
  }

  mutating func report() -> DriftReport? {
    guard let total = window.total?.columns, let start = window.start else { return nil }
    return test.report(
      version: number, from: start, to: windowEnd, rows: window.rows,
      sketches: Array(total.prefix(reference.columns.count)),
      prediction: reference.prediction == nil ? nil : total.last)
  }
}

/// A pane's sketches, checked against a reference.
private struct PaneSketches {
  private(set) var rows: Int
  private(set) var end: Milliseconds
  /// What the window takes: the columns and, last where there is one, the prediction.
  private(set) var window: TableSketch
  private(set) var derived: TableSketch

  /// Nil where the pane is not one of the reference's columns and bins.
  init?(_ pane: PaneSummary, reference: Reference, _ layout: TableLayout, _ derivedLayout: TableLayout) {
    var window = TableSketch(layout)
    var derived = TableSketch(derivedLayout)
    guard (0...SketchLimits.count).contains(pane.rows), pane.columns.count == reference.columns.count,
      pane.derived.count == reference.derived.count
    else { return nil }
    guard window.add(pane.columns, named: { reference.columns[$0].name }),
      derived.add(pane.derived, named: { reference.derived[$0].column.name })
    else { return nil }
    if reference.prediction != nil {
      guard let scores = pane.prediction, window.add(scores, to: pane.columns.count) else { return nil }
    }
    (rows, end, self.window, self.derived) = (pane.rows, pane.end, window, derived)
  }

  /// Takes in what another source partition counted of the same pane.
  mutating func merge(_ other: PaneSketches) {
    rows += other.rows
    end = max(end, other.end)
    window.merge(other.window)
    derived.merge(other.derived)
  }
}

extension DriftAlarm {
  fileprivate init(_ reading: DetectorReading, version: Int, time: Milliseconds, logThreshold: Double) {
    self.init(
      version: version, time: time, onset: reading.onset ?? time, judgedFrom: reading.onsetWithoutLoss ?? time,
      logEvidence: logThreshold + reading.evidence, logThreshold: logThreshold,
      columns: reading.columns.prefix(DetectorRecord.namedColumns).map { column in
        Contribution(
          column: column.shownName, share: column.share,
          change: [column.change.word, column.bin].compactMap { $0 }.joined(separator: " "))
      })
  }
}

extension TableSketch {
  /// False where a name is another, or the figures do not fit the column's bins or each other.
  fileprivate mutating func add(_ summaries: [ColumnSummary], named name: (_ column: Int) -> String) -> Bool {
    // As a span: else all that a summary holds is retained for every look at it.
    let summaries = summaries.span
    for column in summaries.indices {
      guard summaries[column].name == name(column), add(summaries[column], to: column) else { return false }
    }
    return true
  }

  @inline(__always)
  fileprivate mutating func add(_ summary: ColumnSummary, to column: Int) -> Bool {
    add(
      validating: column, count: summary.count, missing: summary.missing, invalid: summary.invalid,
      moments: Moments(summary.moments), bins: summary.bins,
      unseen: summary.unseen.isEmpty
        ? [:] : Dictionary(summary.unseen.map { ($0.level, $0.count) }, uniquingKeysWith: &+),
      unseenOther: summary.unseenOther)
  }
}

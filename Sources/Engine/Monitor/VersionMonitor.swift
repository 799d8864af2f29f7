import Bytes
import Drift
import Events
import Models
import Sketches
import Windows

/// What Monitor keeps of one model version: the sliding window of its panes, and the sequential detector over all of
/// them.
struct VersionMonitor {
  /// What slides: the columns' sketches and, last where there is one, the prediction's.
  typealias Aggregate = [ColumnSketch]

  /// When the version was published.
  let published: Milliseconds
  let test: DriftTest
  var window: SlidingWindow<Aggregate>
  var windowEnd = Milliseconds.min
  var detector: ModelDetector
  /// The detector's alarm, from when it was raised until the detector is armed again.
  var alarm: DriftAlarm?

  /// Nil where the facts cannot be read.
  init?(facts: VersionFacts, configuration: MonitorConfiguration) {
    guard let reference = facts.reference.reference else { return nil }
    self.init(published: facts.published, reference: reference, configuration: configuration)
  }

  init(published: Milliseconds, reference: Reference, configuration: MonitorConfiguration) {
    self.published = published
    test = DriftTest(reference: reference, configuration: configuration.drift)
    window = SlidingWindow(span: WindowSpan(length: configuration.window))
    detector = ModelDetector(reference: reference, configuration: configuration.detector)
  }

  var reference: Reference { test.reference }

  /// Takes the panes of one start, source partitions in order.
  /// - Returns: of each, whether it fitted the reference and the window's order.
  mutating func push(_ panes: [PaneSummary]) -> [Bool] {
    let reference = reference
    let parts = panes.map { PaneSketches($0, reference: reference) }
    var whole: PaneSketches?
    for part in parts.compactMap({ $0 }) {
      if whole == nil { whole = part } else { whole?.merge(part) }
    }
    guard let whole, let start = panes.first?.start,
      window.push(whole.window, rows: whole.rows, start: start, end: whole.end)
    else { return panes.map { _ in false } }
    windowEnd = max(windowEnd, whole.end)
    detector.observe(whole.counts, start: start)
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
  mutating func tick(_ time: Milliseconds, version: Int) -> Bool {
    guard detector.raise() else { return false }
    alarm = DriftAlarm(
      detector.reading(), version: version, time: time, logThreshold: detector.configuration.logThreshold)
    return true
  }

  /// Ends the alarm, so that evidence must be found anew.
  mutating func rearm() {
    detector.rearm()
    alarm = nil
  }

  /// What `encode` wrote of one pane's aggregate.
  func sketches(from reader: inout ByteReader) throws(ByteError) -> Aggregate {
    let binnings = (reference.columns + [reference.prediction].compactMap { $0 }).map(\.binning)
    guard try reader.count() == binnings.count else { throw reader.failure("a pane of other columns") }
    var sketches: Aggregate = []
    for binning in binnings { sketches.append(try ColumnSketch(from: &reader, binning: binning)) }
    return sketches
  }

  func report(version: Int) -> DriftReport? {
    guard let total = window.total, let start = window.start else { return nil }
    return test.report(
      version: version, from: start, to: windowEnd, rows: window.rows,
      sketches: Array(total.prefix(reference.columns.count)),
      prediction: reference.prediction == nil ? nil : total.last)
  }
}

/// A pane's sketches, checked against a reference.
private struct PaneSketches: Mergeable {
  private(set) var rows: Int
  private(set) var end: Milliseconds
  /// What the window takes: the columns and, last where there is one, the prediction.
  private(set) var window: [ColumnSketch]
  private var derived: [ColumnSketch]
  private let hasPrediction: Bool

  /// Nil where the pane is not one of the reference's columns and bins.
  init?(_ pane: PaneSummary, reference: Reference) {
    guard (0...SketchLimits.count).contains(pane.rows),
      var window = Self.sketches(pane.columns, reference.columns),
      let derived = Self.sketches(pane.derived, reference.derived.map(\.column))
    else { return nil }
    if let expected = reference.prediction {
      guard let summary = pane.prediction, let sketch = ColumnSketch(summary, binning: expected.binning) else {
        return nil
      }
      window.append(sketch)
    }
    (rows, end, self.window, self.derived) = (pane.rows, pane.end, window, derived)
    hasPrediction = reference.prediction != nil
  }

  /// What the detector sees of it.
  var counts: PaneCounts {
    var columns = window.map(\.detectorCounts)
    let prediction = hasPrediction ? columns.removeLast() : nil
    return PaneCounts(columns: columns, derived: derived.map(\.detectorCounts), prediction: prediction)
  }

  /// Takes in what another source partition counted of the same pane.
  mutating func merge(_ other: PaneSketches) {
    rows += other.rows
    end = max(end, other.end)
    window.merge(other.window)
    derived.merge(other.derived)
  }

  private static func sketches(_ summaries: [ColumnSummary], _ columns: [ColumnReference]) -> [ColumnSketch]? {
    guard summaries.count == columns.count else { return nil }
    var sketches: [ColumnSketch] = []
    // With room for the prediction.
    sketches.reserveCapacity(columns.count + 1)
    for place in columns.indices {
      guard summaries[place].name == columns[place].name,
        let sketch = ColumnSketch(summaries[place], binning: columns[place].binning)
      else { return nil }
      sketches.append(sketch)
    }
    return sketches
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

extension ColumnSketch {
  fileprivate init?(_ summary: ColumnSummary, binning: Binning) {
    self.init(
      validating: binning, count: summary.count, missing: summary.missing, invalid: summary.invalid,
      moments: Moments(summary.moments), bins: summary.bins,
      unseen: summary.unseen.isEmpty
        ? [:] : Dictionary(summary.unseen.map { ($0.level, $0.count) }, uniquingKeysWith: &+),
      unseenOther: summary.unseenOther)
  }
}

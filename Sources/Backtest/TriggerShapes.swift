public import Drift
import Engine
public import Events

/// What the leading columns of triggers looked like: in the reference of the version in service, and in the window before
/// the trigger. Keeps the panes of a window and the triggers with the largest differences, however long the recording is.
public struct TriggerShapes: Sendable {
  public struct Shape: Sendable {
    /// The row that was served last.
    public let row: Int
    public let time: Milliseconds
    public let rule: String
    let cause: String
    /// The version whose reference and rows these are.
    public let version: Int
    public let column: String
    /// What the change is like, in one word and where there is one the value it is about; nil where nobody says.
    public let change: String?
    /// Shares of all bins, the missing rows last.
    public let bins: [BinShift]
    /// Rows of the window.
    public let rows: Int

    /// Share of rows that would have to move for the two to be equal, 0 to 1.
    public var distance: Double { bins.reduce(0) { $0 + ($1.current - $1.reference).magnitude } / 2 }
  }

  private struct Tally {
    var bins: [Int]
    var missing: Int

    mutating func add(_ summary: ColumnSummary) {
      guard summary.bins.count == bins.count else { return }
      for bin in bins.indices { bins[bin] += summary.bins[bin] }
      missing += summary.missing + summary.invalid
    }
  }

  /// Panes of one version that lie next to each other.
  private struct Stretch {
    let version: Int
    let place: Int64
    var end: Milliseconds
    var rows = 0
    var columns: [String: Tally] = [:]
  }

  public static let most = 6
  /// Stretches that a window is cut into: what is shown begins at most one of them early.
  private static let stretches: Milliseconds = 16
  private static let mostReferences = 4

  private let window: Milliseconds
  private var recent: [Stretch] = []
  private var references: [(version: Int, reference: ReferenceRecord)] = []
  /// In order of their rows.
  public private(set) var shapes: [Shape] = []

  /// - Parameter window: how far back before a trigger, in milliseconds.
  public init(window: Milliseconds) {
    self.window = max(window, 1)
  }

  mutating func add(_ pane: PaneSummary) {
    if let facts = pane.facts {
      references.removeAll { $0.version == pane.version }
      references.append((pane.version, facts.reference))
      if references.count > Self.mostReferences { references.removeFirst() }
    }
    let place = pane.start / max(window / Self.stretches, 1)
    let index = recent.firstIndex { $0.version == pane.version && $0.place == place }
    var stretch =
      index.map { recent.remove(at: $0) } ?? Stretch(version: pane.version, place: place, end: pane.end)
    stretch.end = max(stretch.end, pane.end)
    stretch.rows += pane.rows
    for summary in pane.columns + [pane.prediction].compactMap({ $0 }) {
      stretch.columns[
        summary.name, default: Tally(bins: Array(repeating: 0, count: summary.bins.count), missing: 0)
      ].add(summary)
    }
    recent.append(stretch)
    let start = pane.end.subtractingReportingOverflow(window)
    if !start.overflow { recent.removeAll { $0.end <= start.partialValue } }
  }

  /// - Parameter row: the row that was served last.
  mutating func add(_ trigger: Trigger, row: Int) {
    guard ["drift", "performance"].contains(trigger.rule), let shape = shape(of: trigger, row) else { return }
    if let twin = shapes.firstIndex(where: { $0.cause == shape.cause && $0.column == shape.column }) {
      guard shape.distance > shapes[twin].distance else { return }
      shapes.remove(at: twin)
    }
    shapes.append(shape)
    guard shapes.count > Self.most else { return }
    if let least = shapes.indices.min(by: { (shapes[$0].distance, $1) < (shapes[$1].distance, $0) }) {
      shapes.remove(at: least)
    }
  }

  private func shape(of trigger: Trigger, _ row: Int) -> Shape? {
    guard let version = trigger.version ?? trigger.drift?.version,
      let reference = references.first(where: { $0.version == version })?.reference
    else { return nil }
    let stretches = recent.filter { $0.version == version && $0.end > trigger.drift?.windowStart ?? .min }
    let known = reference.columns + [reference.prediction].compactMap { $0 }
    for candidate in Self.candidates(trigger) {
      guard let column = known.first(where: { $0.name == candidate.column }) else { continue }
      var bins = [Int](repeating: 0, count: column.counts.count)
      var missing = 0
      for tally in stretches.compactMap({ $0.columns[column.name] }) where tally.bins.count == bins.count {
        for bin in bins.indices { bins[bin] += tally.bins[bin] }
        missing += tally.missing
      }
      guard let shifts = column.shifts(to: bins, missing: missing) else { continue }
      return Shape(
        row: row, time: trigger.time, rule: trigger.rule, cause: trigger.cause, version: version, column: column.name,
        change: candidate.change, bins: shifts, rows: bins.reduce(missing, +))
    }
    return nil
  }

  /// The columns that a trigger may be about, the likeliest first.
  private static func candidates(_ trigger: Trigger) -> [(column: String, change: String?)] {
    let alarming = (trigger.drift?.detector?.columns ?? []).map { column in
      (column.column, Optional([column.change, column.bin].compactMap { $0 }.joined(separator: " ")))
    }
    let told = trigger.column.map { ($0, String?.none) }
    let findings = (trigger.drift?.findings ?? []).filter { $0.threshold > 0 }
    let largest = findings.max { $0.value / $0.threshold < $1.value / $1.threshold }
    return alarming + [told, largest.map { ($0.column, nil) }].compactMap { $0 }
  }
}

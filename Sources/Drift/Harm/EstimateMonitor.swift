import DequeModule
import Sketches

/// Panes of one model with the loss that their scores promise, and what came of it: the estimate without labels, and its
/// error.
public struct EstimateMonitor: Hashable, Sendable {
  /// Most panes that wait for their labels; the oldest go first.
  public static let mostPanes = 1 << 16

  public let measure: LossMeasure
  /// Event time that figures are of, milliseconds: of the newest scored panes, and of the newest labelled ones.
  public let windowLength: Int64
  /// By start, then version.
  var panes = Deque<Pane>()
  /// Start and end of the newest judged pane.
  var judgedStart: Int64?
  var judgedEnd: Int64?

  struct Pane: Hashable {
    let version: Int
    let start: Int64
    let end: Int64
    var rows: Int
    /// Of expected losses.
    var expected: Double
    var judgedRows = 0
    /// Of losses.
    var actual = 0.0

    var expectedMean: Double { rows > 0 ? expected / Double(rows) : 0 }
  }

  public init(measure: LossMeasure, windowLength: Int64) {
    self.measure = measure
    self.windowLength = max(windowLength, 1)
  }

  /// Adds scored rows of a pane: their number, and the sum of what each is expected to lose. Parts of a pane, from
  /// several partitions, add up.
  public mutating func add(version: Int, start: Int64, end: Int64, rows: Int, expected: Double) {
    guard rows > 0, start < end, expected.isFinite, expected >= 0 else { return }
    let place = place(start, version)
    if place < panes.count, panes[place].start == start, panes[place].version == version {
      panes[place].rows += min(rows, PerformanceMonitor.mostRows - panes[place].rows)
      panes[place].expected += expected
    } else {
      panes.insert(
        Pane(
          version: version, start: start, end: end, rows: min(rows, PerformanceMonitor.mostRows), expected: expected),
        at: place)
    }
    if panes.count > Self.mostPanes { panes.removeFirst(panes.count - Self.mostPanes) }
  }

  /// Adds what became of rows of a pane, complete and in order of time as `PerformanceMonitor` takes them. A pane that
  /// was not scored here is passed over.
  public mutating func judge(_ judged: JudgedPane) {
    judgedStart = max(judgedStart ?? judged.start, judged.start)
    judgedEnd = max(judgedEnd ?? judged.end, judged.end)
    let place = place(judged.start, judged.version)
    if place < panes.count, panes[place].start == judged.start, panes[place].version == judged.version {
      panes[place].judgedRows += min(judged.loss.count, PerformanceMonitor.mostRows - panes[place].judgedRows)
      panes[place].actual += judged.loss.sum
    }
    prune()
  }

  /// Nil before anything was scored. Linear in the panes of a window, and in those that have been scored since the newest
  /// labelled one.
  public var estimate: PerformanceEstimate? {
    guard let newest = panes.last else { return nil }
    let scored = panes[min(first(within: newest.end), panes.count - 1)...]
    let rows = scored.reduce(0) { $0 + Double($1.rows) }
    return PerformanceEstimate(
      measure: measure, from: scored.first?.start ?? newest.start, to: scored.map(\.end).max() ?? newest.end,
      rows: Int(min(rows, Double(PerformanceMonitor.mostRows))), estimate: scored.reduce(0) { $0 + $1.expected } / rows,
      matured: matured)
  }

  private var matured: PerformanceEstimate.Matured? {
    guard let judgedEnd else { return nil }
    let labelled = panes[first(within: judgedEnd)...].filter { $0.judgedRows > 0 }
    guard let from = labelled.first?.start, let to = labelled.map(\.end).max() else { return nil }
    let rows = labelled.reduce(0) { $0 + Double($1.judgedRows) }
    return PerformanceEstimate.Matured(
      from: from, to: to, rows: Int(min(rows, Double(PerformanceMonitor.mostRows))),
      estimate: labelled.reduce(0) { $0 + Double($1.judgedRows) * $1.expectedMean } / rows,
      actual: labelled.reduce(0) { $0 + $1.actual } / rows)
  }

  /// Where the pane stands, or belongs.
  private func place(_ start: Int64, _ version: Int) -> Int {
    panes.partitioningIndex { ($0.start, $0.version) >= (start, version) }
  }

  /// Where the panes begin that lie within a window up to `end`.
  private func first(within end: Int64) -> Int {
    let from = Int64.subtractingClamped(end, windowLength)
    return panes.partitioningIndex { $0.start >= from }
  }

  /// Drops what is neither of the newest window, nor of the newest labelled one, nor waiting for its labels.
  private mutating func prune() {
    guard let judgedStart, let judgedEnd, let newest = panes.last?.end else { return }
    let labelledFrom = first(within: judgedEnd)
    let waitingFrom = panes.partitioningIndex { $0.start >= judgedStart }
    func isKept(_ place: Int) -> Bool { place >= (panes[place].judgedRows > 0 ? labelledFrom : waitingFrom) }
    let old = 0..<min(first(within: newest), max(labelledFrom, waitingFrom))
    guard !old.allSatisfy(isKept) else { return }
    panes.replaceSubrange(old, with: old.filter(isKept).map { panes[$0] })
  }
}

public import Sketches

/// How much of a stream a window keeps.
public struct WindowSpan: Hashable, Sendable {
  /// Event time in milliseconds, at least 1: panes that start this long before the window's end, or earlier, leave.
  public var length: Int64
  /// Panes past the length stay while the window would hold fewer rows without them. 0 for none.
  public var leastRows: Int
  /// The oldest panes leave while those that follow hold at least this many rows. Nil for no bound.
  public var mostRows: Int?

  public init(length: Int64, leastRows: Int = 0, mostRows: Int? = nil) {
    self.length = max(length, 1)
    self.leastRows = max(leastRows, 0)
    self.mostRows = mostRows.map { max($0, 1) }
  }
}

/// One pane of a window.
public struct Pane<Aggregate> {
  /// Start in event time, milliseconds.
  public let start: Int64
  public fileprivate(set) var rows: Int
  public fileprivate(set) var aggregate: Aggregate

  init(start: Int64, rows: Int, aggregate: Aggregate) {
    self.start = start
    self.rows = rows
    self.aggregate = aggregate
  }
}

extension Pane: Sendable where Aggregate: Sendable {}
extension Pane: Equatable where Aggregate: Equatable {}

/// A run of panes and their sum. A slide costs one merge and one subtraction for each pane that leaves; what cannot
/// be subtracted exactly is rebuilt by `Subtractable.repair`.
///
/// Sums of counts equal recomputation exactly at every step.
public struct SlidingWindow<Aggregate: Subtractable> {
  public let span: WindowSpan
  /// Oldest first, starts strictly increasing.
  public private(set) var panes: [Pane<Aggregate>] = []
  public private(set) var rows = 0
  /// The sum of all panes; nil when there are none.
  public private(set) var total: Aggregate?
  private var end: Int64 = .min

  public init(span: WindowSpan) {
    self.span = span
  }

  /// Start of the oldest pane.
  public var start: Int64? { panes.first?.start }

  /// Adds a pane and lets go of those that it makes too old. A pane at the newest start is merged into that pane:
  /// partitions may deliver theirs one after the other, in a fixed order.
  ///
  /// - Parameters:
  ///   - end: first event time after the pane.
  /// - Returns: false for a pane older than the newest one, which is refused: the caller counts it as late.
  public mutating func push(_ aggregate: Aggregate, rows: Int, start: Int64, end: Int64) -> Bool {
    if let newest = panes.last, start < newest.start { return false }
    if let newest = panes.indices.last, panes[newest].start == start {
      panes[newest].aggregate.merge(aggregate)
      panes[newest].rows += rows
    } else {
      panes.append(Pane(start: start, rows: rows, aggregate: aggregate))
    }
    self.rows += rows
    if total == nil { total = aggregate } else { total?.merge(aggregate) }
    advance(to: end)
    return true
  }

  /// Lets go of panes that are too old at event time `time`, without a new pane. Time never runs backwards: an
  /// earlier `time` changes nothing.
  public mutating func advance(to time: Int64) {
    end = max(end, time)
    let leaving = panes.prefix(leavingCount())
    guard leaving.count > 0 else { return }
    panes.removeFirst(leaving.count)
    guard !panes.isEmpty else {
      rows = 0
      total = nil
      return
    }
    for pane in leaving {
      rows -= pane.rows
      total?.subtract(pane.aggregate)
    }
    total?.repair(from: panes.lazy.map(\.aggregate))
  }

  /// Lets go of panes that start before `time`, whatever the span allows.
  public mutating func forget(before time: Int64) {
    let kept = panes.drop { $0.start < time }
    guard kept.count < panes.count else { return }
    restore(Array(kept), end: end)
  }

  private func leavingCount() -> Int {
    let (oldest, overflow) = end.subtractingReportingOverflow(span.length)
    var left = rows
    for (index, pane) in panes.enumerated() {
      let rest = left - pane.rows
      let tooOld = !overflow && pane.start < oldest && rest >= span.leastRows
      let tooMany = span.mostRows.map { rest >= $0 && index + 1 < panes.count } ?? false
      guard tooOld || tooMany else { return index }
      left = rest
    }
    return panes.count
  }

  /// Takes over panes in order and sums them anew.
  mutating func restore(_ panes: [Pane<Aggregate>], end: Int64) {
    self.panes = panes
    self.end = end
    rows = panes.reduce(0) { $0 + $1.rows }
    total = panes.first?.aggregate
    for pane in panes.dropFirst() { total?.merge(pane.aggregate) }
  }

  var newestTime: Int64 { end }
}

extension SlidingWindow: Sendable where Aggregate: Sendable {}
extension SlidingWindow: Equatable where Aggregate: Equatable {}

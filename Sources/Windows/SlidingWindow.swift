public import Sketches

/// How much of a stream a window keeps.
public struct WindowSpan: Hashable, Sendable {
  /// Event time in milliseconds, at least 1: panes that start more than this before the window's end leave.
  public var length: Int64

  /// A length below 1 ms counts as 1 ms.
  public init(length: Int64) {
    self.length = max(length, 1)
  }
}

/// One pane of a window.
public struct Pane<Aggregate> {
  /// Start in event time, milliseconds.
  public let start: Int64
  /// As the caller counted them.
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
  /// Of all panes.
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
    self.end = max(self.end, end)
    dropOldPanes()
    return true
  }

  private mutating func dropOldPanes() {
    let (oldest, overflow) = end.subtractingReportingOverflow(span.length)
    guard !overflow else { return }
    let leaving = panes.prefix { $0.start < oldest }
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

/// A finished stretch of event time.
public struct Pane<Aggregate> {
  /// First event time, milliseconds.
  public let start: Int64
  /// First event time after it.
  public let end: Int64
  public let rows: Int
  public let aggregate: Aggregate
}

extension Pane: Sendable where Aggregate: Sendable {}
extension Pane: Equatable where Aggregate: Equatable {}

/// Panes of equal length in event time while rows still come in, in any order.
///
/// A pane closes when the watermark, the event time that the stream is known to have reached, has passed its end by the
/// allowed lateness. Which panes close with which rows depends on the rows and watermarks alone, never on a clock.
public struct OpenPanes<Aggregate> {
  /// Milliseconds, at least 1.
  public let length: Int64
  /// Milliseconds, at least 0.
  public let lateness: Int64
  /// The latest one given.
  public internal(set) var watermark = Int64.min
  /// Rows that came after their pane had closed.
  public internal(set) var lateRows = 0
  /// Oldest first.
  var open: [Entry] = []

  struct Entry {
    let start: Int64
    var rows: Int
    var aggregate: Aggregate
  }

  /// A length below 1 ms counts as 1 ms, a negative lateness as none.
  public init(length: Int64, lateness: Int64) {
    self.length = max(length, 1)
    self.lateness = max(lateness, 0)
  }

  /// Start of the pane that holds this time: the largest multiple of the length up to it, or the first time that can be
  /// written where that lies below it.
  public func start(of time: Int64) -> Int64 {
    let rest = time % length
    let (start, overflow) = time.subtractingReportingOverflow(rest < 0 ? rest + length : rest)
    return overflow ? .min : start
  }

  /// Counts rows of one time, or of one pane.
  /// - Returns: false for rows whose pane has closed; `body` is then not called.
  public mutating func update(
    at time: Int64, rows: Int = 1, empty: @autoclosure () -> Aggregate, _ body: (inout Aggregate) -> Void
  ) -> Bool {
    let start = start(of: time)
    guard !hasClosed(start) else {
      lateRows += rows
      return false
    }
    var position = open.count
    while position > 0, open[position - 1].start > start { position -= 1 }
    if position == 0 || open[position - 1].start < start {
      open.insert(Entry(start: start, rows: 0, aggregate: empty()), at: position)
    } else {
      position -= 1
    }
    open[position].rows += rows
    body(&open[position].aggregate)
    return true
  }

  /// Raises the watermark; a lower one than before changes nothing.
  /// - Returns: the panes that close, oldest first.
  public mutating func advance(to watermark: Int64) -> [Pane<Aggregate>] {
    self.watermark = max(self.watermark, watermark)
    let closing = open.prefix { hasClosed($0.start) }
    open.removeFirst(closing.count)
    return closing.map { Pane(start: $0.start, end: end(of: $0.start), rows: $0.rows, aggregate: $0.aggregate) }
  }

  private func hasClosed(_ start: Int64) -> Bool {
    let (due, overflow) = end(of: start).addingReportingOverflow(lateness)
    return !overflow && due <= watermark
  }

  /// The last time that can be written, where the end lies beyond it.
  private func end(of start: Int64) -> Int64 {
    let (end, overflow) = start.addingReportingOverflow(length)
    return overflow ? .max : end
  }
}

extension OpenPanes: Sendable where Aggregate: Sendable {}
extension OpenPanes.Entry: Sendable where Aggregate: Sendable {}
extension OpenPanes: Equatable where Aggregate: Equatable {}
extension OpenPanes.Entry: Equatable where Aggregate: Equatable {}

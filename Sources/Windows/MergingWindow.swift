public import Sketches

/// A run of panes and their sum, for summaries that merge but do not subtract: quantiles, distinct counts, frequent
/// items.
///
/// Panes that come in order cost at most two merges each, on average over any run, however long the window is (two
/// stacks); `total` costs one more. Memory: one summary a pane and one more.
public struct MergingWindow<Aggregate: Mergeable> {
  var order: PaneOrder
  var stacks = TwoStacks<Aggregate>()

  public init(span: WindowSpan) { order = PaneOrder(span: span) }

  public var span: WindowSpan { order.span }
  /// Starts of the panes in event time, milliseconds, oldest first.
  public var starts: [Int64] { order.slots.map(\.start) }
  /// Start of the oldest pane.
  public var start: Int64? { order.slots.first?.start }
  /// Of all panes, as the caller counted them.
  public var rows: Int { order.rows }

  /// The sum of all panes; nil when there are none. At most one merge.
  public var total: Aggregate? {
    @specialized(where Aggregate == QuantileSketch<Double>)
    @specialized(where Aggregate == [QuantileSketch<Double>])
    get { stacks.total }
  }

  /// Adds a pane and lets go of those that it makes too old. A pane that starts with one already there is merged into
  /// it, which costs two merges where that is the newest one. One that comes after newer ones takes its place among
  /// them: one merge where it is among the newest, at most one for each older pane elsewhere.
  ///
  /// - Parameters:
  ///   - end: first event time after the pane.
  /// - Returns: false for a pane older than the window, which is refused: the caller counts it as late.
  @specialized(where Aggregate == QuantileSketch<Double>)
  @specialized(where Aggregate == [QuantileSketch<Double>])
  public mutating func push(_ aggregate: Aggregate, rows: Int, start: Int64, end: Int64) -> Bool {
    switch order.place(of: start) {
    case .late: return false
    case .existing(let position):
      order.add(rows: rows, at: position)
      stacks.merge(aggregate, at: position)
    case .new(let position):
      order.insert(start: start, rows: rows, at: position)
      stacks.insert(aggregate, at: position)
    }
    advance(to: end)
    return true
  }

  /// Moves the window's end to `end`, if that is later, and lets go of the panes that this makes too old.
  @specialized(where Aggregate == QuantileSketch<Double>)
  @specialized(where Aggregate == [QuantileSketch<Double>])
  public mutating func advance(to end: Int64) {
    stacks.removeFirst(order.advance(to: end))
  }
}

extension MergingWindow: Sendable where Aggregate: Sendable {}
extension MergingWindow: Equatable where Aggregate: Equatable {}

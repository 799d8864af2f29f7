public import Sketches

/// A run of panes and their sum, for summaries that subtract: a slide costs one merge and one subtraction for each pane
/// that leaves. What subtraction leaves inexact is summed by two stacks instead, in two merges of that part a pane
/// (three with the sum). A pane that comes and leaves before the sum is asked for costs that part alone.
///
/// Sums of counts equal recomputation exactly at every step. The sum depends on the panes pushed and their order alone,
/// not on when it was asked for, also across `encode` and back.
public struct SlidingWindow<Aggregate: Subtractable> {
  var order: PaneOrder
  var aggregates: [Aggregate] = []
  var inexact = TwoStacks<Aggregate.Inexact>()
  /// The sum of the oldest panes, its inexact part left aside, and how many they are.
  private var sum: Aggregate?
  private var summed = 0

  public init(span: WindowSpan) { order = PaneOrder(span: span) }

  public var span: WindowSpan { order.span }
  /// Starts of the panes in event time, milliseconds, oldest first.
  public var starts: [Int64] { order.slots.map(\.start) }
  /// Start of the oldest pane.
  public var start: Int64? { order.slots.first?.start }
  /// Of all panes, as the caller counted them.
  public var rows: Int { order.rows }

  /// The sum of all panes; nil when there are none. A merge for each pane that has come since it was last asked for.
  public var total: Aggregate? {
    @specialized(where Aggregate == TableSketch)
    mutating get {
      if summed == 0 { sum = nil }
      for aggregate in aggregates[summed...] { add(aggregate) }
      summed = aggregates.count
      if let part = inexact.total { sum?.inexact = part }
      return sum
    }
  }

  private mutating func add(_ aggregate: Aggregate) {
    if sum == nil { sum = aggregate } else { sum?.merge(aggregate) }
  }

  /// Adds a pane and lets go of those that it makes too old. A pane that starts with one already there is merged into
  /// it: partitions may deliver theirs one after the other. One that comes after newer ones takes its place among
  /// them; that costs a merge of the inexact part for each pane.
  ///
  /// - Parameters:
  ///   - end: first event time after the pane.
  /// - Returns: false for a pane older than the window, which is refused: the caller counts it as late.
  @specialized(where Aggregate == TableSketch)
  public mutating func push(_ aggregate: Aggregate, rows: Int, start: Int64, end: Int64) -> Bool {
    switch order.place(of: start) {
    case .late: return false
    case .existing(let position):
      order.add(rows: rows, at: position)
      aggregates[position].merge(aggregate)
      if position < summed { add(aggregate) }
      sumInexact(older: inexact.older.count)
    case .new(let position):
      order.insert(start: start, rows: rows, at: position)
      aggregates.insert(aggregate, at: position)
      if position < summed {
        add(aggregate)
        summed += 1
      }
      if position == aggregates.count - 1 {
        inexact.append(aggregate.inexact)
      } else {
        sumInexact(older: inexact.older.count + (position < inexact.older.count ? 1 : 0))
      }
    }
    advance(to: end)
    return true
  }

  /// Moves the window's end to `end`, if that is later, and lets go of the panes that this makes too old.
  @specialized(where Aggregate == TableSketch)
  public mutating func advance(to end: Int64) {
    let leaving = order.advance(to: end)
    inexact.removeFirst(leaving)
    let subtracted = min(leaving, summed)
    summed -= subtracted
    if summed > 0 { for aggregate in aggregates[..<subtracted] { sum?.subtract(aggregate) } }
    aggregates.removeFirst(leaving)
  }

  mutating func sumInexact(older: Int) {
    inexact = TwoStacks(aggregates.map(\.inexact), older: older)
  }
}

extension SlidingWindow: Sendable where Aggregate: Sendable, Aggregate.Inexact: Sendable {}

extension SlidingWindow: Equatable where Aggregate: Equatable, Aggregate.Inexact: Equatable {
  /// Whether both hold the same panes and will have the same sums.
  public static func == (left: Self, right: Self) -> Bool {
    left.order == right.order && left.aggregates == right.aggregates && left.inexact == right.inexact
  }
}

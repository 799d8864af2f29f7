public import Sketches

/// A run of panes and their sum, for summaries that subtract: a slide costs one merge and one subtraction for each pane
/// that leaves. What subtraction leaves inexact is summed by two stacks instead, in two merges of that part a pane
/// (three with the sum).
///
/// Sums of counts equal recomputation exactly at every step. The sum depends on the panes pushed and their order alone,
/// also across `encode` and back.
public struct SlidingWindow<Aggregate: Subtractable> {
  var order: PaneOrder
  var aggregates: [Aggregate] = []
  var inexact = TwoStacks<Aggregate.Inexact>()
  /// The sum of all panes; nil when there are none.
  public internal(set) var total: Aggregate?

  public init(span: WindowSpan) { order = PaneOrder(span: span) }

  public var span: WindowSpan { order.span }
  /// Starts of the panes in event time, milliseconds, oldest first.
  public var starts: [Int64] { order.slots.map(\.start) }
  /// Start of the oldest pane.
  public var start: Int64? { order.slots.first?.start }
  /// Of all panes, as the caller counted them.
  public var rows: Int { order.rows }

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
      sumInexact(older: inexact.older.count)
    case .new(let position):
      order.insert(start: start, rows: rows, at: position)
      aggregates.insert(aggregate, at: position)
      if position == aggregates.count - 1 {
        inexact.append(aggregate.inexact)
      } else {
        sumInexact(older: inexact.older.count + (position < inexact.older.count ? 1 : 0))
      }
    }
    if total == nil { total = aggregate } else { total?.merge(aggregate) }
    advance(to: end)
    return true
  }

  /// Moves the window's end to `end`, if that is later, and lets go of the panes that this makes too old.
  @specialized(where Aggregate == TableSketch)
  public mutating func advance(to end: Int64) {
    let leaving = order.advance(to: end)
    inexact.removeFirst(leaving)
    if aggregates.count == leaving {
      total = nil
    } else {
      for aggregate in aggregates[..<leaving] { total?.subtract(aggregate) }
      if let sum = inexact.total { total?.inexact = sum }
    }
    aggregates.removeFirst(leaving)
  }

  mutating func sumInexact(older: Int) {
    inexact = TwoStacks(aggregates.map(\.inexact), older: older)
  }
}

extension SlidingWindow: Sendable where Aggregate: Sendable, Aggregate.Inexact: Sendable {}
extension SlidingWindow: Equatable where Aggregate: Equatable, Aggregate.Inexact: Equatable {}

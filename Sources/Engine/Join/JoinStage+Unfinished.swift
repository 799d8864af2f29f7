public import Events

/// What a stage has read and not finished: it waits for event time to go on.
public struct UnfinishedWork: Equatable, Sendable {
  /// Events that stand behind the end of another topic.
  public var waiting = 0
  /// Scored rows in panes that are open.
  public var openRows = 0
  /// Where the oldest open pane starts.
  public var openFrom: Milliseconds?

  public init() {}

  public var isNothing: Bool { waiting == 0 && openRows == 0 }

  public static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.waiting += right.waiting
    sum.openRows += right.openRows
    sum.openFrom = [left.openFrom, right.openFrom].compactMap { $0 }.min()
    return sum
  }
}

extension JoinStage {
  /// Predictions that wait for their labels are not among it: only a label or the end of its horizon ends that.
  public var unfinished: UnfinishedWork {
    var work = UnfinishedWork()
    work.waiting = lanes.indices.reduce(0) { $0 + merge.queued(in: $1) }
    work.openRows = summarize.scored.values.reduce(0) { $0 + $1.rows }
    work.openFrom = summarize.scored.keys.map(\.start).min()
    return work
  }
}

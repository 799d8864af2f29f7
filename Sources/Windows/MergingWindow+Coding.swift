public import Bytes

extension MergingWindow {
  /// Panes with their partial sums and the time reached.
  public func encode(into writer: inout ByteWriter, _ body: (inout ByteWriter, Aggregate) -> Void) {
    order.encode(into: &writer)
    writer.append(count: stacks.older.count)
    for summary in stacks.older + stacks.newer { body(&writer, summary) }
    if stacks.newer.count > 1, let total = stacks.newerTotal { body(&writer, total) }
  }

  /// A window of this span over what `encode` wrote. It goes on as the one that was written, to the last bit. `body`
  /// must refuse summaries that cannot be merged with each other.
  /// - Throws: `ByteError` for panes out of order, too many panes or rows, and what `body` throws.
  public init(
    span: WindowSpan, from reader: inout ByteReader,
    _ body: (inout ByteReader) throws(ByteError) -> Aggregate
  ) throws(ByteError) {
    order = try PaneOrder(span: span, from: &reader)
    let olderCount = try reader.index()
    guard olderCount < max(order.slots.count, 1) else {
      throw reader.failure("\(olderCount) of \(order.slots.count) panes")
    }
    var summaries: [Aggregate] = []
    for _ in order.slots { summaries.append(try body(&reader)) }
    let newer = Array(summaries[olderCount...])
    stacks = TwoStacks(
      older: Array(summaries[..<olderCount]), newer: newer,
      newerTotal: newer.count > 1 ? try body(&reader) : newer.first)
  }
}

public import Bytes
import Sketches

extension SlidingWindow {
  /// Panes and the time reached; sums are not written but made anew, so bytes cannot hold one that disagrees.
  public func encode(into writer: inout ByteWriter, _ body: (inout ByteWriter, Aggregate) -> Void) {
    order.encode(into: &writer)
    for aggregate in aggregates { body(&writer, aggregate) }
    writer.append(count: inexact.older.count)
  }

  /// A window of this span over the panes that `encode` wrote. It goes on as the one that was written, to the last bit.
  /// - Throws: `ByteError` for panes out of order, too many panes or rows, and what `body` throws.
  public init(
    span: WindowSpan, from reader: inout ByteReader,
    _ body: (inout ByteReader) throws(ByteError) -> Aggregate
  ) throws(ByteError) {
    order = try PaneOrder(span: span, from: &reader)
    for _ in order.slots { aggregates.append(try body(&reader)) }
    let older = try reader.index()
    guard older < max(aggregates.count, 1) else { throw reader.failure("\(older) of \(aggregates.count) panes") }
    sumInexact(older: older)
  }
}

public import Bytes
import Sketches

extension SlidingWindow {
  /// Panes and the time reached; the sum is not written but made anew, so bytes cannot hold one that disagrees.
  public func encode(into writer: inout ByteWriter, _ body: (inout ByteWriter, Aggregate) -> Void) {
    writer.append(signed: newestTime)
    writer.append(panes) { writer, pane in
      writer.append(signed: pane.start)
      writer.append(count: pane.rows)
      body(&writer, pane.aggregate)
    }
  }

  /// A window of this span over the panes that `encode` wrote.
  /// - Throws: `ByteError` for panes out of order, too many panes or rows, and what `body` throws.
  public init(
    span: WindowSpan, from reader: inout ByteReader,
    _ body: (inout ByteReader) throws(ByteError) -> Aggregate
  ) throws(ByteError) {
    self.init(span: span)
    let end = try reader.signed()
    let count = try reader.count(ofAtLeast: 2)
    guard count <= SketchLimits.panes else { throw reader.failure("a window of \(count) panes") }
    var panes: [Pane<Aggregate>] = []
    var rows = 0
    for _ in 0..<count {
      let start = try reader.signed()
      let own = try reader.index()
      guard panes.last.map({ $0.start < start }) ?? true else {
        throw reader.failure("panes out of order")
      }
      guard own <= SketchLimits.count - rows else { throw reader.failure("a pane of \(own) rows") }
      rows += own
      panes.append(Pane(start: start, rows: own, aggregate: try body(&reader)))
    }
    restore(panes, end: end)
  }
}

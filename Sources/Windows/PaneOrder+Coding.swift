import Bytes
import Sketches

extension PaneOrder {
  func encode(into writer: inout ByteWriter) {
    writer.append(signed: end)
    writer.append(slots) { writer, slot in
      writer.append(signed: slot.start)
      writer.append(count: slot.rows)
    }
  }

  init(span: WindowSpan, from reader: inout ByteReader) throws(ByteError) {
    self.init(span: span)
    let end = try reader.signed()
    let count = try reader.count(ofAtLeast: 2)
    guard count <= SketchLimits.panes else { throw reader.failure("a window of \(count) panes") }
    for position in 0..<count {
      let start = try reader.signed()
      let own = try reader.index()
      guard slots.last.map({ $0.start < start }) ?? true else { throw reader.failure("panes out of order") }
      guard own <= SketchLimits.count - rows else { throw reader.failure("a pane of \(own) rows") }
      insert(start: start, rows: own, at: position)
    }
    reached(end)
  }
}

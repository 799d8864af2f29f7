public import Bytes
import Sketches

extension OpenPanes {
  public func encode(into writer: inout ByteWriter, _ body: (inout ByteWriter, Aggregate) -> Void) {
    writer.append(signed: watermark)
    writer.append(count: lateRows)
    writer.append(open) { writer, entry in
      writer.append(signed: entry.start)
      writer.append(count: entry.rows)
      body(&writer, entry.aggregate)
    }
  }

  /// Panes of this length and lateness that go on from what `encode` wrote.
  /// - Throws: `ByteError` for panes out of order or off the grid of their length, and what `body` throws.
  public init(
    length: Int64, lateness: Int64, from reader: inout ByteReader,
    _ body: (inout ByteReader) throws(ByteError) -> Aggregate
  ) throws(ByteError) {
    self.init(length: length, lateness: lateness)
    watermark = try reader.signed()
    lateRows = try Self.rows(from: &reader)
    for _ in 0..<(try reader.count(ofAtLeast: 2)) {
      let start = try reader.signed()
      guard self.start(of: start) == start, open.last.map({ $0.start < start }) ?? true else {
        throw reader.failure("a pane out of its place")
      }
      open.append(Entry(start: start, rows: try Self.rows(from: &reader), aggregate: try body(&reader)))
    }
  }

  private static func rows(from reader: inout ByteReader) throws(ByteError) -> Int {
    let rows = try reader.index()
    guard rows <= SketchLimits.count else { throw reader.failure("\(rows) rows") }
    return rows
  }
}

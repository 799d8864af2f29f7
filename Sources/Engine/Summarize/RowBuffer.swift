import Bytes
import Sketches

/// The newest rows of a pane, not yet counted: columns are counted a block of rows at a time, from the pane's first row
/// on, so that what has been polled together never shows.
struct RowBuffer {
  /// Rows of a block.
  static let block = 1_024

  /// Cells of a row: the version's columns and, last, its score; NaN where that is not a number.
  let width: Int
  /// Row by row.
  private(set) var cells: [Double] = []
  /// Event times, and hashes of the rows' ids, for columns that are computed from whole rows.
  private(set) var times: [Int64] = []
  private(set) var hashes: [UInt64] = []

  init(width: Int) {
    self.width = width
  }

  var count: Int { times.count }
  var isFull: Bool { times.count >= Self.block }

  /// - Parameter row: all cells but the score.
  @inline(__always)
  mutating func append(_ row: ArraySlice<Double>, score: Double, time: Int64, hash: UInt64) {
    row.withUnsafeBufferPointer { cells.append(contentsOf: $0) }
    cells.append(score)
    times.append(time)
    hashes.append(hash)
  }

  mutating func removeAll() {
    cells.removeAll(keepingCapacity: true)
    times.removeAll(keepingCapacity: true)
    hashes.removeAll(keepingCapacity: true)
  }

  /// The cells of one row, the score last.
  func row(_ number: Int) -> ArraySlice<Double> { cells[number * width..<(number + 1) * width] }

  /// The cells of one column, into the front of `column`, which has room for a block.
  func gather(_ place: Int, into column: inout [Double]) {
    let cells = cells.span
    var values = column.mutableSpan
    var from = place
    for row in 0..<count {
      values[row] = cells[from]
      from &+= width
    }
  }
}

extension RowBuffer {
  func encode(into writer: inout ByteWriter) {
    writer.append(count: width)
    writer.append(count: count)
    for row in 0..<count {
      writer.append(signed: times[row])
      writer.append(fixed: hashes[row])
      for cell in cells[row * width..<(row + 1) * width] { writer.append(cell) }
    }
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    self.init(width: try reader.index(upTo: reader.remaining))
    let rows = try reader.count(ofAtLeast: 9)
    guard width > 0, rows < Self.block, rows <= reader.remaining / (8 * width) else {
      throw reader.failure("\(rows) buffered rows of \(width) cells")
    }
    for _ in 0..<rows {
      times.append(try reader.signed())
      hashes.append(try reader.fixed())
      for _ in 0..<width { cells.append(try reader.double()) }
    }
  }
}

import Bytes
import Events

/// A prediction on its way through the stage: what Join and Summarize look at, and the event itself, which is read in
/// full only where its features are wanted.
struct OpenPrediction {
  let key: Join.Key
  /// 0 for none.
  let version: Int
  let time: Milliseconds
  let score: Score?
  /// The event's bytes, which have been read once and are in order.
  let value: ByteSlice
  /// The layout whose cells wait in the stage's queue; 0 where none do.
  let layout: Int
  let hasUnlisted: Bool

  /// A hash of the id, the same on every machine (FNV-1a by Fowler, Noll and Vo, then mixed).
  var hash: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in key.id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return (hash ^ hash >> 32) &* 0x9e37_79b9_7f4a_7c15
  }
}

/// Predictions that wait for their turn with their cells, first in, first out.
struct OpenQueue {
  private var predictions: [OpenPrediction] = []
  private var cells: [Double] = []
  private var head = 0
  private var cellsHead = 0

  mutating func append(_ prediction: OpenPrediction, cells row: ArraySlice<Double>) {
    predictions.append(prediction)
    cells.append(contentsOf: row)
  }

  /// The first prediction; one must be there.
  var first: OpenPrediction { predictions[head] }

  /// The first of the cells: of the first prediction, where it has any.
  @inline(__always)
  func firstCells(_ count: Int) -> ArraySlice<Double> { cells[cellsHead..<cellsHead + count] }

  /// Lets the first prediction go, with as many cells.
  mutating func removeFirst(cells count: Int) {
    head += 1
    cellsHead += count
    if head == predictions.count {
      predictions.removeAll(keepingCapacity: true)
      cells.removeAll(keepingCapacity: true)
      (head, cellsHead) = (0, 0)
    } else if head >= 1 << 14, head > predictions.count / 2 {
      predictions.removeFirst(head)
      cells.removeFirst(cellsHead)
      (head, cellsHead) = (0, 0)
    }
  }
}

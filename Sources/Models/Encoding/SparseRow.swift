/// The slots of a row that are not zero, and their values. Room is made once, for the most entries that a row can have.
struct SparseRow {
  private(set) var slots: [Int32]
  private(set) var values: [Float]
  private(set) var count = 0

  init(capacity: Int) {
    slots = [Int32](repeating: 0, count: capacity)
    values = [Float](repeating: 0, count: capacity)
  }

  mutating func clear() { count = 0 }

  @inline(__always)
  mutating func append(_ slot: Int, _ value: Float) {
    slots[count] = Int32(truncatingIfNeeded: slot)
    values[count] = value
    count += 1
  }
}

/// A row as the learners see it.
struct EncodedRow {
  /// Block A: bias, standardised numbers, levels, indicators.
  var base: SparseRow
  /// What block B adds: the hats of the numbers.
  var hats: SparseRow

  init(_ encoder: borrowing Encoder) {
    base = SparseRow(capacity: encoder.baseCapacity)
    hats = SparseRow(capacity: encoder.hatCapacity)
  }
}

/// A slot of a row that is not zero, and its value.
struct Entry: Equatable, Sendable {
  var slot: Int32 = 0
  var value: Float = 0
}

/// A row as the learners see it. Room is made once, for the most entries that a row can have.
struct EncodedRow {
  /// Those of block A: bias, standardised numbers, levels, indicators; from `hatStart` on the hats of the numbers.
  var entries: [Entry]
  let hatStart: Int
  var baseCount = 0
  var hatCount = 0
  /// What the row holds in the numeric columns, cut to `ModelLimits.magnitude`, NaN where it is missing: statistics
  /// move by these once the row is learned.
  var numbers: [Double]
  /// Whether a name may get a slot of its own when the row is learned.
  var hasUnseen = false

  var base: Range<Int> { 0..<baseCount }
  var hats: Range<Int> { hatStart..<hatStart + hatCount }

  init(_ encoder: borrowing Encoder) {
    hatStart = encoder.baseCapacity
    entries = [Entry](repeating: Entry(), count: hatStart + encoder.hatCapacity)
    numbers = [Double](repeating: .nan, count: encoder.moments.count)
  }
}

extension MutableSpan<Entry> {
  /// Puts an entry where the last one ended.
  @inline(__always)
  mutating func put(_ slot: Int, _ value: Float, at count: inout Int) {
    self[count] = Entry(slot: Int32(truncatingIfNeeded: slot), value: value)
    count += 1
  }
}

/// Rows per bin, in 32 bits each until a bin holds more than that: a window keeps the counts of many panes, and hardly
/// any pane needs more.
///
/// Arithmetic is that of 64-bit integers, wrapping.
struct BinCounts: Hashable, Sendable {
  /// The low halves.
  private var low: [UInt32]
  /// The high halves; empty while all of them are zero.
  private var high: [UInt32] = []

  init(bins: Int) { low = [UInt32](repeating: 0, count: bins) }

  init(_ counts: [Int]) {
    low = counts.map { UInt32(truncatingIfNeeded: $0) }
    if counts.contains(where: { $0 >> 32 != 0 }) { high = counts.map { UInt32(truncatingIfNeeded: $0 >> 32) } }
  }

  var count: Int { low.count }

  var array: [Int] { array(of: low.indices) }

  func array(of bins: Range<Int>) -> [Int] { bins.map { self[$0] } }

  subscript(bin: Int) -> Int {
    Int(low[bin]) | (high.isEmpty ? 0 : Int(bitPattern: UInt(high[bin]) << 32))
  }

  mutating func add(_ rows: Int, to bin: Int) {
    let (sum, carried) = low[bin].addingReportingOverflow(UInt32(truncatingIfNeeded: rows))
    low[bin] = sum
    let upper = UInt32(truncatingIfNeeded: rows >> 32) &+ (carried ? 1 : 0)
    if upper != 0 { addToHigh(upper, bin) }
  }

  /// Changes every bin. No carry is looked for before the end, so that one loop takes several at a time.
  ///
  /// - Returns: whether any bin has wrapped around.
  @inline(__always)
  private static func change(
    _ low: inout [UInt32], _ change: (UInt32, _ bin: Int) -> UInt32, isWrapped: (UInt32, _ bin: Int) -> Bool
  ) -> Bool {
    low.withUnsafeMutableBufferPointer { low in
      var wrapped: UInt32 = 0
      for bin in low.indices {
        low[bin] = change(low[bin], bin)
        wrapped |= isWrapped(low[bin], bin) ? 1 : 0
      }
      return wrapped != 0
    }
  }

  /// Adds to every bin.
  @inline(__always)
  mutating func add(_ rows: (_ bin: Int) -> UInt32) {
    guard Self.change(&low, { $0 &+ rows($1) }, isWrapped: { $0 < rows($1) }) else { return }
    for bin in low.indices where low[bin] < rows(bin) { addToHigh(1, bin) }
  }

  mutating func add(_ other: BinCounts) {
    precondition(count == other.count, "counts over different bins cannot be added")
    other.low.withUnsafeBufferPointer { rows in add { rows[$0] } }
    guard !other.high.isEmpty else { return }
    for bin in low.indices { addToHigh(other.high[bin], bin) }
  }

  /// Adds to as many bins from `first` on.
  mutating func add(_ rows: [Int], from first: Int) {
    precondition(first >= 0 && first + rows.count <= count, "counts over other bins cannot be added")
    let carried = low.withUnsafeBufferPointer { low in
      rows.indices.reduce(0) { $0 | ((Int(low[first &+ $1]) &+ rows[$1]) >> 32) }
    }
    guard carried == 0 else {
      for (offset, rows) in rows.enumerated() { add(rows, to: first + offset) }
      return
    }
    low.withUnsafeMutableBufferPointer { low in
      for offset in rows.indices { low[first &+ offset] &+= UInt32(truncatingIfNeeded: rows[offset]) }
    }
  }

  mutating func subtract(_ other: BinCounts) {
    precondition(count == other.count, "counts over different bins cannot be subtracted")
    let borrowed = other.low.withUnsafeBufferPointer { rows in
      Self.change(&low, { $0 &- rows[$1] }, isWrapped: { $0 > .max - rows[$1] })
    }
    if borrowed {
      for bin in low.indices where low[bin] > .max - other.low[bin] { addToHigh(.max, bin) }
    }
    guard !high.isEmpty else { return }
    if !other.high.isEmpty {
      for bin in high.indices { high[bin] &-= other.high[bin] }
    }
    if high.allSatisfy({ $0 == 0 }) { high = [] }
  }

  private mutating func addToHigh(_ amount: UInt32, _ bin: Int) {
    if high.isEmpty { high = [UInt32](repeating: 0, count: low.count) }
    high[bin] &+= amount
  }
}

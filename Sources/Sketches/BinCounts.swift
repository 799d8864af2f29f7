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

  var array: [Int] { low.indices.map { self[$0] } }

  /// With a number behind them.
  func array(and last: Int) -> [Int] {
    [Int](unsafeUninitializedCapacity: count + 1) { room, filled in
      for bin in low.indices { room.initializeElement(at: bin, to: self[bin]) }
      room.initializeElement(at: count, to: last)
      filled = count + 1
    }
  }

  subscript(bin: Int) -> Int {
    Int(low[bin]) | (high.isEmpty ? 0 : Int(bitPattern: UInt(high[bin]) << 32))
  }

  mutating func add(_ rows: Int, to bin: Int) {
    let (sum, carried) = low[bin].addingReportingOverflow(UInt32(truncatingIfNeeded: rows))
    low[bin] = sum
    let upper = UInt32(truncatingIfNeeded: rows >> 32) &+ (carried ? 1 : 0)
    if upper != 0 { addToHigh(upper, bin) }
  }

  /// Adds to every bin. The sums are stored before any carry is looked for, so that one loop takes several at a time.
  @inline(__always)
  mutating func add(_ rows: (_ bin: Int) -> UInt32) {
    var carried = false
    for bin in low.indices {
      low[bin] &+= rows(bin)
      carried = carried || low[bin] < rows(bin)
    }
    guard carried else { return }
    for bin in low.indices where low[bin] < rows(bin) { addToHigh(1, bin) }
  }

  mutating func add(_ other: BinCounts) {
    add { other.low[$0] }
    guard !other.high.isEmpty else { return }
    for bin in low.indices { addToHigh(other.high[bin], bin) }
  }

  mutating func subtract(_ other: BinCounts) {
    for bin in low.indices {
      let (difference, borrowed) = low[bin].subtractingReportingOverflow(other.low[bin])
      low[bin] = difference
      if borrowed { addToHigh(.max, bin) }
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

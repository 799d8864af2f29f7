/// Sorts numbers into `EdgeIndex.cells` cells. The cell of a number must be a non-decreasing function of it, rounding
/// included.
protocol EdgeCells: Sendable {
  /// For numbers beyond the edges an outer cell; for NaN any.
  func cell(of x: Double) -> Int
}

/// Cells of one width from the first edge to the last.
struct LinearCells: EdgeCells {
  private let low: Double
  private let scale: Double

  /// Nil where the edges span too little or too much.
  init?(_ edges: [Double]) {
    guard let low = edges.first, let high = edges.last else { return nil }
    let scale = Double(EdgeIndex.cells) / (high - low)
    guard scale.isFinite, scale > 0 else { return nil }
    self.low = low
    self.scale = scale
  }

  /// The nearest cell. Adding 1.5 · 2^52 leaves the whole part in the lowest bits: no conversion that could trap.
  @inline(__always)
  func cell(of x: Double) -> Int {
    let above = x - low > 0 ? x - low : 0
    let position = above * scale + 0x1.8p52
    let last = 0x1.8p52 + Double(EdgeIndex.cells - 1)
    return Int(truncatingIfNeeded: (position < last ? position : last).bitPattern) & (EdgeIndex.cells - 1)
  }
}

/// Cells that widen with the number, from the first positive edge to the last: as many to each power of two. All
/// numbers up to zero share the first cell.
struct LogarithmicCells: EdgeCells {
  private let low: Int64
  private let shift: Int64

  /// Nil where there are no two positive edges.
  init?(_ edges: [Double]) {
    guard let first = edges.first(where: { $0 > 0 }), let last = edges.last, first < last else {
      return nil
    }
    low = Int64(bitPattern: first.bitPattern)
    let span = Int64(bitPattern: last.bitPattern) - low
    shift = Int64(max(0, Int64.bitWidth - span.leadingZeroBitCount - EdgeIndex.cells.trailingZeroBitCount))
  }

  /// The bits of positive numbers, read as integers, ascend as the numbers do; those of negative ones are negative.
  @inline(__always)
  func cell(of x: Double) -> Int {
    let bits = Int64(bitPattern: x.bitPattern)
    let above = (bits > low ? bits : low) &- low
    return Int(min(above &>> shift, Int64(EdgeIndex.cells - 1)))
  }
}

extension EdgeIndex {
  /// Below this many values, preparing the table costs more than it saves.
  private static let fewestForTable = 64
  /// Two tables of 256 bins, for values at even and at odd places: equal neighbours need not wait for each other's count.
  private typealias Table = InlineArray<512, UInt32>

  /// Adds one to the bin of each value, 1 to 2 ns a value. At most 2^31 values, none of them NaN.
  func count(_ values: Span<Double>, into counts: inout BinCounts) {
    guard values.count >= Self.fewestForTable else {
      for index in values.indices { counts.add(1, to: bin(of: values[index])) }
      return
    }
    var table = Table(repeating: 0)
    let (first, edges) = (first, edges)
    switch search {
    case .linear(let cells, let steps):
      Self.scan(values, cells, steps, first.span, edges.span, &table)
    case .logarithmic(let cells, let steps):
      Self.scan(values, cells, steps, first.span, edges.span, &table)
    case .tree(let depth): Self.descend(values, edges.span, depth, &table)
    }
    for bin in 0..<counts.count { counts.add(table[bin] &+ table[256 + bin], to: bin) }
  }

  /// One loop for each number of steps, so that it is a constant there.
  @inline(__always)
  private static func scan(
    _ values: Span<Double>, _ cells: some EdgeCells, _ steps: Int, _ first: Span<UInt8>,
    _ edges: Span<Double>,
    _ table: inout Table
  ) {
    switch steps {
    case 1: scan(values, cells, constant: 1, first, edges, &table)
    case 2: scan(values, cells, constant: 2, first, edges, &table)
    default: scan(values, cells, constant: 4, first, edges, &table)
    }
  }

  @inline(__always)
  private static func scan(
    _ values: Span<Double>, _ cells: some EdgeCells, constant steps: Int, _ first: Span<UInt8>,
    _ edges: Span<Double>, _ table: inout Table
  ) {
    for index in values.indices {
      let x = values[index]
      let start = Int(first[cells.cell(of: x)])
      var bin = start
      for step in 0..<steps { bin &+= edges[start &+ step] < x ? 1 : 0 }
      table[(bin & 255) | (index & 1) &<< 8] &+= 1
    }
  }

  /// Four values go down the tree together: each waits for memory while the others compare.
  @inline(__always)
  private static func descend(
    _ values: Span<Double>, _ tree: Span<Double>, _ depth: Int, _ table: inout Table
  ) {
    let leaves = 1 &<< depth
    var index = 0
    while index &+ 4 <= values.count {
      let (a, b) = (values[index], values[index &+ 1])
      let (c, d) = (values[index &+ 2], values[index &+ 3])
      var (atA, atB, atC, atD) = (1, 1, 1, 1)
      for _ in 0..<depth {
        atA = 2 &* atA &+ (tree[atA] < a ? 1 : 0)
        atB = 2 &* atB &+ (tree[atB] < b ? 1 : 0)
        atC = 2 &* atC &+ (tree[atC] < c ? 1 : 0)
        atD = 2 &* atD &+ (tree[atD] < d ? 1 : 0)
      }
      table[(atA &- leaves) & 255] &+= 1
      table[(atB &- leaves) & 255 | 256] &+= 1
      table[(atC &- leaves) & 255] &+= 1
      table[(atD &- leaves) & 255 | 256] &+= 1
      index &+= 4
    }
    while index < values.count {
      var node = 1
      for _ in 0..<depth { node = 2 &* node &+ (tree[node] < values[index] ? 1 : 0) }
      table[(node &- leaves) & 255] &+= 1
      index &+= 1
    }
  }
}

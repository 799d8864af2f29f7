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
    switch search {
    case .linear(let cells, let steps): scan(values, cells, steps, &table)
    case .logarithmic(let cells, let steps): scan(values, cells, steps, &table)
    case .tree(let depth): descend(values, depth, &table)
    }
    counts.add { table[$0 & 255] &+ table[$0 & 255 | 256] }
  }

  /// One loop for each number of steps, so that it is a constant there.
  @inline(__always)
  private func scan(_ values: Span<Double>, _ cells: some EdgeCells, _ steps: Int, _ table: inout Table) {
    switch steps {
    case 1: scan(values, cells, constant: 1, &table)
    case 2: scan(values, cells, constant: 2, &table)
    default: scan(values, cells, constant: 4, &table)
    }
  }

  @inline(__always)
  private func scan(_ values: Span<Double>, _ cells: some EdgeCells, constant steps: Int, _ table: inout Table) {
    var index = 0
    while index &+ 2 <= values.count {
      let even = bin(of: values[index], cells, steps)
      let odd = bin(of: values[index &+ 1], cells, steps)
      table[even] &+= 1
      table[odd | 256] &+= 1
      index &+= 2
    }
    if index < values.count { table[bin(of: values[index], cells, steps)] &+= 1 }
  }

  /// Four values go down the tree together: each waits for memory while the others compare.
  @inline(__always)
  private func descend(_ values: Span<Double>, _ depth: Int, _ table: inout Table) {
    var index = 0
    while index &+ 4 <= values.count {
      let (a, b) = (values[index], values[index &+ 1])
      let (c, d) = (values[index &+ 2], values[index &+ 3])
      var (atA, atB, atC, atD) = (1, 1, 1, 1)
      for _ in 0..<depth {
        atA = below(atA, a)
        atB = below(atB, b)
        atC = below(atC, c)
        atD = below(atD, d)
      }
      let leaves = 1 &<< depth
      table[(atA &- leaves) & 255] &+= 1
      table[(atB &- leaves) & 255 | 256] &+= 1
      table[(atC &- leaves) & 255] &+= 1
      table[(atD &- leaves) & 255 | 256] &+= 1
      index &+= 4
    }
    while index < values.count {
      table[bin(of: values[index])] &+= 1
      index &+= 1
    }
  }

  /// The node below `node` on the value's way down.
  @inline(__always)
  private func below(_ node: Int, _ x: Double) -> Int { 2 &* node &+ (edges[node & 255] < x ? 1 : 0) }
}

/// An index over sorted edges that finds the number of edges below a value without a branch.
///
/// A grid of cells tells how many edges certainly lie below, and a fixed number of comparisons settles the rest: an edge
/// in an earlier cell lies strictly below the value and an edge in a later cell does not, so only edges of the same
/// cell need comparing. The cells are of one width, or widen with the number where heavy tails ask for that. Where
/// neither spreads the edges well, a binary search walks them in the order of Eytzinger (Khuong and Morin 2017), one
/// comparison a level.
///
/// A class so that the panes of a window share one; 6 KB.
final class EdgeIndex: Sendable {
  // Of fixed length, so that a masked index needs no check in the loops.
  typealias CellStarts = InlineArray<4_096, UInt8>
  typealias Edges = InlineArray<260, Double>

  static let cells = 4_096
  /// Past this many edges in one cell the tree is quicker.
  private static let mostSteps = 4

  enum Search {
    /// Comparisons per value: 1, 2 or 4.
    case linear(LinearCells, steps: Int)
    case logarithmic(LogarithmicCells, steps: Int)
    /// Comparisons per value: the levels of the tree.
    case tree(depth: Int)
  }

  let search: Search
  /// Number of edges in earlier cells, by cell.
  let first: CellStarts
  /// The edges, then infinities that the comparisons may run into. As a tree: the edges from 1 on, node k above nodes
  /// 2k and 2k + 1, filled up with infinities.
  let edges: Edges

  /// The edges must be strictly increasing, finite and fewer than 256.
  init(_ sorted: [Double]) {
    let linear = LinearCells(sorted)
    let logarithmic = LogarithmicCells(sorted)
    let linearSteps = Self.steps(linear, sorted)
    let logarithmicSteps = Self.steps(logarithmic, sorted)
    if let linear, linearSteps <= min(logarithmicSteps, Self.mostSteps) {
      search = .linear(linear, steps: linearSteps)
      first = Self.first(linear, sorted)
      edges = Edges { $0 < sorted.count ? sorted[$0] : .infinity }
    } else if let logarithmic, logarithmicSteps <= Self.mostSteps {
      search = .logarithmic(logarithmic, steps: logarithmicSteps)
      first = Self.first(logarithmic, sorted)
      edges = Edges { $0 < sorted.count ? sorted[$0] : .infinity }
    } else {
      let depth = Int.bitWidth - sorted.count.leadingZeroBitCount
      search = .tree(depth: depth)
      first = CellStarts(repeating: 0)
      var tree = Edges(repeating: .infinity)
      var next = 0
      Self.plant(sorted, &next, at: 1, size: 1 << depth, &tree)
      edges = tree
    }
  }

  private static func perCell(_ cells: some EdgeCells, _ edges: [Double]) -> [Int] {
    var perCell = [Int](repeating: 0, count: Self.cells)
    for edge in edges { perCell[cells.cell(of: edge)] += 1 }
    return perCell
  }

  /// The comparisons that the fullest cell takes, as a number that there is a loop for.
  private static func steps(_ cells: (some EdgeCells)?, _ edges: [Double]) -> Int {
    guard let cells else { return .max }
    let most = perCell(cells, edges).max() ?? 0
    return most <= 2 ? most : max(most, mostSteps)
  }

  private static func first(_ cells: some EdgeCells, _ edges: [Double]) -> CellStarts {
    let perCell = perCell(cells, edges)
    var below = 0
    return CellStarts { cell in
      defer { below += perCell[cell] }
      return UInt8(below)
    }
  }

  /// Fills the subtree of a node in order.
  private static func plant(
    _ sorted: [Double], _ next: inout Int, at node: Int, size: Int, _ tree: inout Edges
  ) {
    guard node < size else { return }
    plant(sorted, &next, at: 2 * node, size: size, &tree)
    if next < sorted.count {
      tree[node] = sorted[next]
      next += 1
    }
    plant(sorted, &next, at: 2 * node + 1, size: size, &tree)
  }

  /// NaN has no bin and gives 0.
  func bin(of x: Double) -> Int {
    guard !x.isNaN else { return 0 }
    switch search {
    case .linear(let cells, let steps): return bin(of: x, cells, steps)
    case .logarithmic(let cells, let steps): return bin(of: x, cells, steps)
    case .tree(let depth):
      var node = 1
      for _ in 0..<depth { node = 2 * node + (edges[node] < x ? 1 : 0) }
      return node - (1 << depth)
    }
  }

  @inline(__always)
  func bin(of x: Double, _ cells: some EdgeCells, _ steps: Int) -> Int {
    let start = Int(first[cells.cell(of: x)])
    var bin = start
    for step in 0..<steps { bin &+= edges[start &+ step] < x ? 1 : 0 }
    return bin & 255
  }
}

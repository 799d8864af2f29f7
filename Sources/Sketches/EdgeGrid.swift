/// An index over sorted edges: a uniform grid of cells tells how many edges certainly lie below a value, and a fixed
/// number of comparisons settles the rest without a branch.
///
/// The cell of a number is a non-decreasing function of it, rounding included. So an edge in an earlier cell lies
/// strictly below the value and an edge in a later cell does not: only edges of the same cell need comparing.
struct EdgeGrid: Sendable {
  private static let cells = 1_024
  /// Past this many edges in one cell a binary search is quicker.
  private static let mostSteps = 4

  private let low: Double
  private let scale: Double
  private let steps: Int
  /// Number of edges in earlier cells, by cell.
  private let first: [UInt8]
  /// The edges, then infinities that the comparisons may run into.
  private let padded: [Double]

  /// Nil where the edges lie too unevenly, or span too little or too much, for a grid to help.
  init?(_ edges: [Double]) {
    guard edges.count < 256, let low = edges.first, let high = edges.last else { return nil }
    let scale = Double(Self.cells) / (high - low)
    guard scale.isFinite, scale > 0 else { return nil }
    self.low = low
    self.scale = scale
    var perCell = [UInt8](repeating: 0, count: Self.cells)
    for edge in edges { perCell[Self.cell(of: edge, low, scale)] += 1 }
    steps = Int(perCell.max() ?? 0)
    guard steps <= Self.mostSteps else { return nil }
    var below: UInt8 = 0
    first = perCell.map { own in
      defer { below += own }
      return below
    }
    padded = edges + [Double](repeating: .infinity, count: Self.mostSteps)
  }

  /// NaN gives cell 0.
  private static func cell(of x: Double, _ low: Double, _ scale: Double) -> Int {
    let position = (x - low) * scale
    guard position > 0 else { return 0 }
    return Int(min(position, Double(cells - 1)))
  }

  func bin(of x: Double) -> Int {
    let start = Int(first[Self.cell(of: x, low, scale)])
    var bin = start
    for step in 0..<steps { bin += padded[start + step] < x ? 1 : 0 }
    return bin
  }
}

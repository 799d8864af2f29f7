public import Sketches

/// Which of the at most 32 combinations of halves a row shows in up to five columns.
///
/// A histogram of patterns holds the whole joint distribution of five halves, so that any dependence shows which
/// appears, goes or turns between two, three or more of the columns, also one that no pair shows (an exclusive or). A set
/// of patterns covers every pair of up to 22 columns; of more columns it covers what 32 patterns can, each column once
/// before any twice (160 columns), one pair in four at 50. A reference has one pattern for each 300 of its rows.
///
/// Measured as for `JointProjection`, median delay in events: correlation 0 → .8 in 2 of 20 columns 224 (reference of
/// 1,000 rows: 480), 0 → .4 3,344, .8 → 0 224, a column out of a common factor of 20 256, an exclusive or of
/// three that appears 128. No single number was found that sees such dependence appear; pairwise counts of halves saw it in
/// 112, at p(p − 1)/2 counts a pane.
///
/// Cost: 1.5 ns a row and column, 5 columns each.
public struct JointPattern: Hashable, Sendable {
  /// At least 2. Half b is bit b of the pattern.
  public let halves: [JointHalf]

  init(halves: [JointHalf]) { self.halves = halves }

  public var patternCount: Int { 1 << halves.count }

  /// Edges that give each pattern a bin of its own.
  var edges: [Double] { (0..<patternCount - 1).map(Double.init) }

  /// The pattern of a row of the reference's columns, from 0 to `patternCount` − 1. What a row lacks lies outside its
  /// half.
  public func value(of row: [ColumnValue]) -> Double {
    var pattern = 0
    for (bit, half) in halves.enumerated() where half.column < row.count && half.contains(row[half.column]) {
      pattern |= 1 << bit
    }
    return Double(pattern)
  }

  /// Adds half `bit`'s part to each row's pattern, from the column's numbers, NaN for missing. Starting from zeros, once
  /// for each half, it gives what `value(of:)` gives.
  public func add(_ numbers: Span<Double>, bit: Int, to patterns: inout [UInt8]) {
    precondition(numbers.count == patterns.count, "a column must have a value for every row")
    guard case .above(let threshold) = halves[bit].test else { return }
    let mask = UInt8(1) << UInt8(bit)
    for row in numbers.indices {
      let number = numbers[row]
      patterns[row] |= number > threshold && number.magnitude <= SketchLimits.magnitude ? mask : 0
    }
  }
}

extension JointPattern {
  /// At most `most` patterns over these columns, covering as many pairs as they can.
  static func cover(_ halves: [JointHalf], most: Int = JointTuning.mostPatterns) -> [JointPattern] {
    let size = min(JointTuning.patternColumns, halves.count)
    let count = min(halves.count, JointTuning.mostPatterns * JointTuning.patternColumns)
    guard size >= 2 else { return [] }
    var cover = PairCover(count: count)
    var patterns: [JointPattern] = []
    while patterns.count < min(most, JointTuning.mostPatterns), let block = cover.next(size) {
      patterns.append(JointPattern(halves: block.sorted().map { halves[$0] }))
    }
    return patterns
  }
}

/// Chooses blocks of things, greedily, until every two of them have been in one block.
private struct PairCover {
  private let count: Int
  private var isCovered: [Bool]
  /// Of each thing, the others that it has not met.
  private var open: [Int]

  init(count: Int) {
    self.count = count
    isCovered = [Bool](repeating: false, count: count * count)
    open = [Int](repeating: count - 1, count: count)
  }

  /// Nil when every pair is covered.
  mutating func next(_ size: Int) -> [Int]? {
    guard open.contains(where: { $0 > 0 }) else { return nil }
    var block: [Int] = []
    while block.count < size {
      var best: (thing: Int, gain: Int, open: Int)?
      for thing in 0..<count where !block.contains(thing) {
        let gain = block.reduce(0) { $0 + (isCovered[$1 * count + thing] ? 0 : 1) }
        if let best, (gain, open[thing]) <= (best.gain, best.open) { continue }
        best = (thing, gain, open[thing])
      }
      guard let best else { break }
      block.append(best.thing)
    }
    for i in block { for j in block where i != j { meet(i, j) } }
    return block
  }

  private mutating func meet(_ i: Int, _ j: Int) {
    guard !isCovered[i * count + j] else { return }
    isCovered[i * count + j] = true
    open[i] -= 1
  }
}

/// Of up to eight bets, the inflation of the variance of their scores' sums over blocks of a series.
struct BetInflation {
  /// Lengths of blocks grow by this factor up to 1/8 of the series; blocks start every quarter of their length.
  private static let growth = 1.42
  private static let parts = 4
  /// Standard errors (Wilson and Hilferty's normal approximation of chi-square) that an inflation must exceed.
  private static let significance = 3.5
  /// Starts of blocks that are gone through for all lengths before the next: the sums that they read stay in the cache.
  private static let tile = 1_024

  /// By bet, at least 1.
  private(set) var found: [Double]

  /// What is known of blocks of one length.
  fileprivate struct Blocks {
    let length: Int
    let step: Int
    var start = 0
    var squares = BetLanes.zero
    /// What `squares` would be of independent rows of variance 1.
    var expected = 0.0
    /// The last term of it, and the rows that it is of: most blocks have as many.
    var size = 0.0
    var term = 0.0

    init(length: Int) {
      self.length = length
      step = max(length / BetInflation.parts, 1)
    }
  }

  /// - Parameter variances: of a single row's score, by bet.
  init(_ scores: BetScores, _ series: some BetSeries, variances: [Double]) {
    found = variances.map { _ in 1 }
    let count = series.count
    let rows = Double(series.rows(in: count))
    for blocks in Self.blocks(scores, series, rows: rows) {
      let size = rows * Double(blocks.length) / Double(count)
      let freedom = 1.5 * rows / size
      let spread = 2 / (9 * freedom)
      let bound = 1 - spread + Self.significance * spread.squareRoot()
      for bet in variances.indices {
        let ratio = blocks.squares[bet] / (variances[bet] * blocks.expected)
        guard ratio > bound * bound * bound else { continue }
        found[bet] = max(found[bet], ratio * (1 + (4 * size / (3 * rows)).squareRoot()))
      }
    }
  }

  private static func blocks(_ scores: BetScores, _ series: some BetSeries, rows: Double) -> [Blocks] {
    let count = series.count
    var all: [Blocks] = []
    var length = series.rows(in: count) == count ? 2 : 1
    while length * 8 <= count {
      all.append(Blocks(length: length))
      length = max(length + 1, Int(Double(length) * growth))
    }
    guard let longest = all.last?.length else { return [] }
    var sums = RunningSums(scores, series, rows: rows, kept: longest + tile + 1)
    for end in stride(from: tile, to: count + tile, by: tile) {
      sums.go(series, until: min(end + longest, count))
      for index in all.indices { all[index].go(series, sums, rows: rows, until: min(end, count)) }
    }
    return all
  }
}

extension BetInflation.Blocks {
  /// Takes the blocks that start before a unit.
  @inline(__always)
  fileprivate mutating func go(
    _ series: some BetSeries, _ sums: borrowing RunningSums, rows: Double, until unit: Int
  ) {
    let kept = sums.kept.span
    let end = min(unit, series.count + 1 - length)
    while start < end {
      let sum = kept[(start + length) & sums.mask] - kept[start & sums.mask]
      let size = Double(series.rows(in: start + length)) - Double(series.rows(in: start))
      if size != self.size { (self.size, term) = (size, size * (1 - size / rows)) }
      squares += sum * sum
      expected += term
      start += step
    }
  }
}

/// Of the scores less their mean, the sums over the units before each unit: the last ones, in a ring.
private struct RunningSums {
  let mask: Int
  private(set) var kept: [BetLanes]
  private let table: [BetLanes]
  private let mean: BetLanes
  private var sum = BetLanes.zero
  private var unit = 0

  /// - Parameter kept: how many, at least.
  init(_ scores: BetScores, _ series: some BetSeries, rows: Double, kept: Int) {
    var capacity = 1
    while capacity < kept { capacity *= 2 }
    mask = capacity - 1
    self.kept = [BetLanes](repeating: .zero, count: capacity)
    table = scores.table
    var total = BetLanes.zero
    let table = scores.table.span
    for unit in 0..<series.count { total += series.scores(of: unit, table) }
    mean = total / rows
  }

  /// Goes on to the sum before a unit.
  mutating func go(_ series: some BetSeries, until end: Int) {
    let table = table
    Self.add(series, unit..<end, table.span, mean: mean, sum: &sum, to: &kept)
    unit = end
  }

  private static func add(
    _ series: some BetSeries, _ units: Range<Int>, _ table: Span<BetLanes>, mean: BetLanes, sum: inout BetLanes,
    to kept: inout [BetLanes]
  ) {
    let mask = kept.count - 1
    var kept = kept.mutableSpan
    for unit in units {
      let own = Double(series.rows(in: unit + 1)) - Double(series.rows(in: unit))
      sum = sum + series.scores(of: unit, table) - mean * own
      kept[(unit + 1) & mask] = sum
    }
  }
}

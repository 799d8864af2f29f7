/// Scores of up to eight bets side by side, a lane each. A lane's arithmetic is that of the bet alone, in its order.
typealias BetLanes = SIMD8<Double>

/// A series that bets are laid on: single rows, or panes of them, in order of time.
protocol BetSeries {
  /// Units of the series.
  var count: Int { get }
  /// In the first `count` units.
  func rows(in count: Int) -> Int
  /// Of a unit, given the scores of each bin.
  func scores(of unit: Int, _ table: Span<BetLanes>) -> BetLanes
}

struct BetRows: BetSeries {
  /// Of each row.
  let bins: [Int]

  var count: Int { bins.count }

  @inline(__always)
  func rows(in count: Int) -> Int { count }

  @inline(__always)
  func scores(of unit: Int, _ table: Span<BetLanes>) -> BetLanes { table[bins[unit]] }
}

struct BetPanes: BetSeries {
  /// Rows per bin.
  private let panes: [[Int]]
  /// Rows before each pane, then all.
  private let before: [Int]

  init(_ panes: [[Int]]) {
    self.panes = panes
    var before = [0]
    for pane in panes { before.append((before.last ?? 0) + pane.reduce(0, +)) }
    self.before = before
  }

  var count: Int { panes.count }

  func rows(in count: Int) -> Int { before[count] }

  func scores(of unit: Int, _ table: Span<BetLanes>) -> BetLanes {
    var sum = BetLanes.zero
    for (bin, count) in panes[unit].enumerated() { sum += Double(count) * table[bin] }
    return sum
  }
}

/// Up to eight scores per bin; lanes without one are 0.
struct BetScores {
  /// By bet, then by bin.
  let logs: [[Double]]
  /// By bin.
  let table: [BetLanes]

  /// All of them, eight at a time.
  static func lanes(_ logs: [[Double]]) -> [BetScores] {
    stride(from: 0, to: logs.count, by: BetLanes.scalarCount).map { start in
      BetScores(Array(logs[start..<min(start + BetLanes.scalarCount, logs.count)]))
    }
  }

  private init(_ logs: [[Double]]) {
    self.logs = logs
    table = (logs.first ?? []).indices.map { bin in
      var lanes = BetLanes.zero
      for lane in logs.indices { lanes[lane] = logs[lane][bin] }
      return lanes
    }
  }

  /// Of each bet, the largest value of the sum that starts anew whenever it falls below 0.
  func climbs(_ series: some BetSeries) -> [Double] {
    let table = table.span
    var sum = BetLanes.zero
    var largest = BetLanes.zero
    for unit in 0..<series.count {
      sum = sum.replacing(with: 0, where: sum .<= 0) + series.scores(of: unit, table)
      largest = largest.replacing(with: sum, where: sum .>= largest)
    }
    return logs.indices.map { largest[$0] }
  }
}

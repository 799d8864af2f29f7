import Sketches

/// Makes a calibration from a version's scores on its validation rows.
public struct ScoreCalibrationBuilder: Sendable {
  /// One validation row: what its score stands for, and what happened.
  public struct Row: Sendable {
    /// Bin of the score in the version's prediction column.
    public let bin: Int
    public let event: Bool
    public let lossIfEvent: Double
    public let lossIfNot: Double
    public let errorIfEvent: Double
    public let errorIfNot: Double

    public init(
      bin: Int, event: Bool, lossIfEvent: Double, lossIfNot: Double, errorIfEvent: Double, errorIfNot: Double
    ) {
      self.bin = bin
      self.event = event
      self.lossIfEvent = lossIfEvent
      self.lossIfNot = lossIfNot
      self.errorIfEvent = errorIfEvent
      self.errorIfNot = errorIfNot
    }
  }

  private struct Cell {
    var rows = 0.0
    var events = 0.0
    /// Loss and error where the event happens, then where it does not.
    var sums = [0.0, 0.0, 0.0, 0.0]
  }

  private var cells: [Cell]
  private let ordered: Bool
  private var rows = 0

  /// - Parameters:
  ///   - bins: of the version's prediction column.
  ///   - ordered: whether the event is the likelier, the higher the bin: true for the scores of a binary task.
  public init(bins: Int, ordered: Bool) {
    cells = Array(repeating: Cell(), count: max(bins, 0))
    self.ordered = ordered
  }

  /// Rows of a bin that there is not, or with losses that are not finite, are left out.
  public mutating func add(_ row: Row) {
    let figures = [row.lossIfEvent, row.lossIfNot, row.errorIfEvent, row.errorIfNot]
    guard cells.indices.contains(row.bin), figures.allSatisfy({ $0.isFinite && $0 >= 0 }) else { return }
    rows += 1
    cells[row.bin].rows += 1
    if row.event { cells[row.bin].events += 1 }
    for (index, figure) in figures.enumerated() { cells[row.bin].sums[index] += figure }
  }

  /// Nil where no row was added. Shares of ordered bins are made to rise by pooling neighbours (Ayer et al. 1955), which
  /// is what a handful of rows a bin can bear; bins without rows take the nearest one's figures, the lower of two.
  public func finish() -> ScoreCalibration? {
    let filled = cells.indices.filter { cells[$0].rows > 0 }
    guard !filled.isEmpty else { return nil }
    let shares = ordered ? Self.rising(filled.map { cells[$0] }) : filled.map { cells[$0].events / cells[$0].rows }
    let made = zip(filled, shares).map { index, share in
      let cell = cells[index]
      return ScoreCalibration.Bin(
        event: share, lossIfEvent: cell.sums[0] / cell.rows, lossIfNot: cell.sums[1] / cell.rows,
        errorIfEvent: cell.sums[2] / cell.rows, errorIfNot: cell.sums[3] / cell.rows)
    }
    let bins = cells.indices.map { bin -> ScoreCalibration.Bin in
      let nearest = filled.indices.min { (abs(filled[$0] - bin), $0) < (abs(filled[$1] - bin), $1) }
      return made[nearest ?? 0]
    }
    return ScoreCalibration(bins: bins, rows: rows)
  }

  /// The non-decreasing shares nearest to the cells' own, in rows times squares.
  private static func rising(_ cells: [Cell]) -> [Double] {
    var pools: [(rows: Double, events: Double, cells: Int)] = []
    for cell in cells {
      pools.append((cell.rows, cell.events, 1))
      while let last = pools.last, pools.count > 1,
        last.events / last.rows < pools[pools.count - 2].events / pools[pools.count - 2].rows
      {
        pools.removeLast()
        let before = pools.removeLast()
        pools.append((before.rows + last.rows, before.events + last.events, before.cells + last.cells))
      }
    }
    return pools.flatMap { Array(repeating: $0.events / $0.rows, count: $0.cells) }
  }
}

import Bytes

/// Sums of a series over blocks of 4, 8, … 256 rows, all at once: what they vary more than independent rows would is how
/// many rows carry the evidence of one (batch means, Conway 1963).
///
/// Constant space; a row costs about 2 ns. A block of each length is the sum of two of the length before.
struct BlockSums: Hashable, Sendable {
  static let shortest = 4
  static let levels = 7
  /// Fewer blocks say too little.
  private static let leastBlocks = 4.0

  private struct Level: Hashable, Sendable {
    /// Of the rows behind the last whole block.
    var open = 0.0
    var blocks = 0.0
    var sum = 0.0
    var squares = 0.0
  }

  private(set) var rows = 0
  private var all = [Level](repeating: Level(), count: levels)

  mutating func add(_ value: Double) {
    rows += 1
    all[0].open += value
    var length = Self.shortest
    for level in 0..<Self.levels {
      guard rows & (length - 1) == 0 else { return }
      let sum = all[level].open
      all[level].open = 0
      all[level].blocks += 1
      all[level].sum += sum
      all[level].squares += sum * sum
      if level + 1 < Self.levels { all[level + 1].open += sum }
      length *= 2
    }
  }

  /// The largest ratio, over lengths of at least `shortest`, of the blocks' variance to that of independent rows, times
  /// 1 + √(2/blocks) for its own uncertainty; 0 where there are too few blocks. A ratio counts where independent rows
  /// exceed it with probability 0.01 (χ² of the blocks, by Wilson and Hilferty 1931): else chance alone, at the worst of
  /// seven lengths, would make them look dependent. At 0.1 it did so to a third of such comparisons after 2,000 rows.
  ///
  /// - Parameters:
  ///   - mean: of the rows.
  ///   - variance: of one row.
  func inflation(mean: Double, variance: Double, shortest: Int = shortest) -> Double {
    let variance = max(variance, 1e-12)
    var largest = 0.0
    var length = Double(Self.shortest)
    for level in all {
      defer { length *= 2 }
      guard level.blocks >= Self.leastBlocks, length >= Double(shortest) else { continue }
      let expected = mean * length
      let squares = level.squares - 2 * expected * level.sum + level.blocks * expected * expected
      let ratio = squares / (level.blocks - 1) / (length * variance)
      guard ratio > Self.critical(level.blocks - 1) else { continue }
      largest = max(largest, ratio * (1 + (2 / level.blocks).squareRoot()))
    }
    return largest
  }

  /// What χ²/`freedom` exceeds with probability 0.01.
  private static func critical(_ freedom: Double) -> Double {
    let part = 2 / (9 * freedom)
    let root = 1 - part + 2.3263 * part.squareRoot()
    return root * root * root
  }
}

extension BlockSums {
  func encode(into writer: inout ByteWriter) {
    writer.append(count: rows)
    for level in all {
      writer.append(level.open)
      writer.append(level.sum)
      writer.append(level.squares)
    }
  }

  /// - Throws: `ByteError` for figures that no series of finite rows gives.
  init(from reader: inout ByteReader) throws(ByteError) {
    rows = try reader.index(upTo: GateLimits.rows)
    var length = Self.shortest
    for level in 0..<Self.levels {
      all[level].open = try reader.double()
      all[level].sum = try reader.double()
      all[level].squares = try reader.double()
      let blocks = Double(rows / length)
      all[level].blocks = blocks
      let (sum, squares) = (all[level].sum, all[level].squares)
      // No row is above twice the limit, and by Cauchy and Schwarz, with room for rounding:
      let most = 2 * GateLimits.difference * Double(length)
      guard all[level].open.magnitude <= most, (0...blocks * most * most).contains(squares),
        sum * sum <= blocks * squares * (1 + 1e-6) + 1e-9, blocks > 0 || sum == 0
      else { throw reader.failure("sums of blocks that no series gives") }
      length *= 2
    }
  }
}

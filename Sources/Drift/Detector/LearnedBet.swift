import Bytes

/// A bet on the shares of the rows of late: what earlier panes held, fading, mixed with the reference.
///
/// A pane is bet on with what was known before it. For shares p within the reference's confidence set, whose chi-square
/// distance is at most Q/N, the mean of g = q/π exceeds 1 by at most √(Q/N·χ²(q, π)) (Cauchy and Schwarz).
struct LearnedBet: Hashable, Sendable {
  private(set) var counts: [Double]
  private var total = 0.0
  /// Σ counts²/π.
  private var squares = 0.0

  init(bins: Int) { counts = [Double](repeating: 0, count: bins) }

  /// ln of the bet's factor over a pane, dependence included.
  ///
  /// - Parameter room: for a number by bin, of any content.
  func logFactor(
    _ pane: [Int], rows: Double, _ tables: BetTables, prior: Double, room: inout [Double]
  ) -> Double {
    let scale = total + prior
    let distance = (squares + 2 * prior * total + prior * prior) / (scale * scale) - 1
    var sum = -rows * Elementary.log(1 + tables.learnedBound * max(distance, 0).squareRoot())
    guard total > 0 else { return sum / tables.dependence }
    precondition(counts.count == tables.shares.count && room.count == counts.count, "a bet over other bins")
    // Without checks of bounds, here and below, so that one loop takes several at a time.
    room.withUnsafeMutableBufferPointer { room in
      counts.withUnsafeBufferPointer { counts in
        tables.shares.withUnsafeBufferPointer { shares in
          for bin in 0..<room.count { room[bin] = (counts[bin] / shares[bin] + prior) / scale }
        }
      }
    }
    Elementary.log(&room)
    for bin in room.indices where pane[bin] > 0 { sum += Double(pane[bin]) * room[bin] }
    return sum / tables.dependence
  }

  /// Learns a pane whose rows all count as if they came evenly mixed.
  ///
  /// - Parameter room: for a number by bin, of any content.
  mutating func learn(_ pane: [Int], rows: Double, shares: [Double], memory: Double, room: inout [Double]) {
    let decay = 1 - 1 / memory
    let kept = Elementary.exp(rows * Elementary.log(decay))
    let gain = (1 - kept) / (rows * (1 - decay))
    precondition(counts.count == pane.count && room.count == pane.count, "a bet over other bins")
    counts.withUnsafeMutableBufferPointer { counts in
      pane.withUnsafeBufferPointer { pane in
        for bin in 0..<counts.count { counts[bin] = counts[bin] * kept + Double(pane[bin]) * gain }
      }
    }
    sum(shares, room: &room)
  }

  private mutating func sum(_ shares: [Double], room: inout [Double]) {
    precondition(counts.count == shares.count && room.count == shares.count, "a bet over other bins")
    room.withUnsafeMutableBufferPointer { room in
      counts.withUnsafeBufferPointer { counts in
        shares.withUnsafeBufferPointer { shares in
          for bin in 0..<room.count { room[bin] = counts[bin] * counts[bin] / shares[bin] }
        }
      }
    }
    total = 0
    squares = 0
    for bin in counts.indices {
      total += counts[bin]
      squares += room[bin]
    }
  }

  func encode(into writer: inout ByteWriter) {
    for count in counts { writer.append(count) }
  }

  mutating func restore(from reader: inout ByteReader, shares: [Double]) throws(ByteError) {
    for bin in counts.indices {
      let count = try reader.double()
      guard count >= 0, count <= 1e6 else { throw reader.failure("a learned count of \(count)") }
      counts[bin] = count
    }
    var room = counts
    sum(shares, room: &room)
  }
}

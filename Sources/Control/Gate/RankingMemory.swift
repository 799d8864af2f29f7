import Bytes

/// The newest scores of either class, against which a row is ranked.
struct RankingMemory: Hashable, Sendable {
  static let length = 50

  /// Scores of champion and challenger, of zeros and of ones, oldest first.
  private var newest: [[SIMD2<Double>]] = [[], []]

  /// Shares of the other class's newest rows that are ranked wrongly, under either label; the row is remembered. Nil
  /// where there is no row of the other class.
  mutating func pair(_ champion: Double, _ challenger: Double, isOne: Bool) -> LossPair? {
    let scores = SIMD2(champion, challenger)
    defer { remember(scores, isOne: isOne) }
    let pairs = [false, true].map { one in
      let lost = lost(scores, isOne: one) ?? SIMD2(1, 1)
      return LossPair.Pair(champion: lost[0], challenger: lost[1])
    }
    guard !newest[isOne ? 0 : 1].isEmpty else { return nil }
    let truth = pairs[isOne ? 1 : 0]
    return LossPair(champion: truth.champion, challenger: truth.challenger, cases: .labels(pairs))
  }

  private func lost(_ scores: SIMD2<Double>, isOne: Bool) -> SIMD2<Double>? {
    let others = newest[isOne ? 0 : 1]
    guard !others.isEmpty else { return nil }
    var lost = SIMD2<Double>()
    for other in others {
      for model in 0..<2 {
        lost[model] += other[model] == scores[model] ? 0.5 : (other[model] > scores[model]) == isOne ? 1 : 0
      }
    }
    return lost / Double(others.count)
  }

  private mutating func remember(_ scores: SIMD2<Double>, isOne: Bool) {
    let side = isOne ? 1 : 0
    if newest[side].count == Self.length { newest[side].removeFirst() }
    newest[side].append(scores)
  }
}

extension RankingMemory {
  func encode(into writer: inout ByteWriter) {
    for scores in newest {
      writer.append(scores) { writer, row in
        writer.append(row[0])
        writer.append(row[1])
      }
    }
  }

  /// - Throws: `ByteError` for scores that are no probabilities, or too many of them.
  init(from reader: inout ByteReader) throws(ByteError) {
    for side in newest.indices {
      newest[side] = try reader.array { reader throws(ByteError) in
        let scores = SIMD2(try reader.double(), try reader.double())
        guard (0...1).contains(scores[0]), (0...1).contains(scores[1]) else {
          throw reader.failure("a score that is no probability")
        }
        return scores
      }
      guard newest[side].count <= Self.length else { throw reader.failure("more scores than are kept") }
    }
  }
}

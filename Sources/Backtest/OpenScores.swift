import Events

/// Scores that wait for their labels, no longer than a label may take.
struct OpenScores {
  private struct Waiting {
    let id: String
    let expires: Milliseconds
  }

  private var scores: [String: (row: Int, score: Score)] = [:]
  /// In order of time.
  private var order: [Waiting] = []
  private var first = 0

  mutating func add(_ id: String, row: Int, _ score: Score, expires: Milliseconds) {
    guard scores[id] == nil else { return }
    scores[id] = (row, score)
    order.append(Waiting(id: id, expires: expires))
  }

  mutating func take(_ id: String) -> (row: Int, score: Score)? {
    scores.removeValue(forKey: id)
  }

  mutating func expire(before time: Milliseconds) {
    while first < order.count, order[first].expires < time {
      scores[order[first].id] = nil
      first += 1
    }
    if first > 10_000, first * 2 > order.count {
      order.removeFirst(first)
      first = 0
    }
  }
}

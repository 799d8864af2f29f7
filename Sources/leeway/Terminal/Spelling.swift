/// Guesses what a person meant to type.
enum Spelling {
  /// The candidate that the fewest edits lead to; `nil` where even that is more than about a third of the word.
  static func nearest(to word: String, among candidates: [String]) -> String? {
    let scored = candidates.map { (name: $0, edits: edits(Array(word.lowercased()), Array($0.lowercased()))) }
    guard let best = scored.min(by: { ($0.edits, $0.name) < ($1.edits, $1.name) }) else { return nil }
    return best.edits <= max(1, max(word.count, best.name.count) / 3) ? best.name : nil
  }

  /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment distance).
  static func edits(_ left: [Character], _ right: [Character]) -> Int {
    var before: [Int] = []
    var last = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var row = [i + 1]
      for (j, b) in right.enumerated() {
        var best = min(last[j] + (a == b ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a == right[j - 1], left[i - 1] == b { best = min(best, before[j - 1] + 1) }
        row.append(best)
      }
      before = last
      last = row
    }
    return last[right.count]
  }
}

/// The AUC as a rank statistic (Mann and Whitney 1947).
enum Ranking {
  struct Score: Sendable {
    let value: Double
    let isOne: Bool
  }

  /// Share of pairs of a one and a zero in which the one scores higher, ties counted half; nil without such a pair.
  static func auc(_ scores: [Score]) -> Double? {
    let sorted = scores.sorted { $0.value < $1.value }
    var zeros = 0
    var ones = 0
    // Twice the number of pairs won, so that ties stay whole numbers.
    var won = 0
    var start = 0
    while start < sorted.count {
      var end = start
      var tiedOnes = 0
      while end < sorted.count, sorted[end].value == sorted[start].value {
        tiedOnes += sorted[end].isOne ? 1 : 0
        end += 1
      }
      let tiedZeros = end - start - tiedOnes
      won += tiedOnes * (2 * zeros + tiedZeros)
      zeros += tiedZeros
      ones += tiedOnes
      start = end
    }
    guard zeros > 0, ones > 0 else { return nil }
    return Double(won) / (2 * Double(zeros) * Double(ones))
  }
}

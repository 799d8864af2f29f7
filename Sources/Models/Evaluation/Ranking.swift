/// The AUC as a rank statistic (Mann and Whitney 1947) of scores from 0 to 1, in bounded memory.
///
/// Exact up to `mostExact` rows, at eight bytes each. From there on scores are counted in 2^16 bins, 1 MB, and those that
/// share a bin count as tied: the figure is off by at most half the share of pairs of a one and a zero that do. Two scores
/// share a bin only where both are below 2^-32, both above 1 − 2^-32, or nearer to each other than a thousandth of their
/// distance from 0 or 1, whichever is the nearer.
struct Ranking: Sendable {
  static let mostExact = 1 << 19
  static let binCount = 1 << 16

  /// Rows of a score or of a bin.
  private struct Tally {
    var zeros = 0
    var ones = 0
  }

  private let mostExact: Int
  /// Those of ones with the sign of a negative number; empty once there are bins.
  private var scores: [Double] = []
  private var bins: [Tally] = []

  /// - Parameter mostExact: rows up to which it is exact.
  init(mostExact: Int = Self.mostExact) {
    self.mostExact = mostExact
  }

  mutating func add(_ score: Double, isOne: Bool) {
    if bins.isEmpty, scores.count >= mostExact { binScores() }
    if bins.isEmpty {
      scores.append(isOne ? -score.magnitude : score.magnitude)
    } else {
      count(score.magnitude, isOne: isOne)
    }
  }

  /// Share of pairs of a one and a zero in which the one scores higher, ties counted half; nil without such a pair.
  /// O(n log n) for the rows that are kept.
  var auc: Double? {
    var wins = Wins()
    if bins.isEmpty {
      let sorted = scores.sorted { $0.magnitude < $1.magnitude }
      var start = 0
      while start < sorted.count {
        let end = sorted[start...].firstIndex { $0.magnitude != sorted[start].magnitude } ?? sorted.endIndex
        let ones = sorted[start..<end].count { $0.sign == .minus }
        wins.add(Tally(zeros: end - start - ones, ones: ones))
        start = end
      }
    } else {
      for bin in bins { wins.add(bin) }
    }
    return wins.share
  }

  private mutating func binScores() {
    bins = Array(repeating: Tally(), count: Self.binCount)
    for score in scores { count(score.magnitude, isOne: score.sign == .minus) }
    scores = []
  }

  private mutating func count(_ score: Double, isOne: Bool) {
    let bin = Self.bin(of: score)
    if isOne { bins[bin].ones += 1 } else { bins[bin].zeros += 1 }
  }

  /// Grows with the score: exponent and ten bits behind it of what is nearer to it, 0 or 1.
  static func bin(of score: Double) -> Int {
    score <= 0.5 ? lowBin(score) : binCount - 1 - lowBin(1 - score)
  }

  /// From 0 for less than 2^-32 to below half the bins for 0.5.
  private static func lowBin(_ distance: Double) -> Int {
    max(Int(distance.bitPattern >> 42) - ((1_023 - 32) << 10), 0)
  }

  /// Pairs of a one and a zero, scores in ascending order.
  private struct Wins {
    var zeros = 0
    var ones = 0
    /// Twice the number of pairs won, so that ties stay whole numbers.
    var won = 0

    mutating func add(_ tied: Tally) {
      won += tied.ones * (2 * zeros + tied.zeros)
      zeros += tied.zeros
      ones += tied.ones
    }

    var share: Double? {
      zeros > 0 && ones > 0 ? Double(won) / (2 * Double(zeros) * Double(ones)) : nil
    }
  }
}

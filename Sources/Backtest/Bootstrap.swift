import Models

/// Means of losses over a recording drawn anew, by moving blocks of consecutive stretches (Künsch 1989), the same draws for
/// every policy: losses of neighbouring rows depend on each other, and those of two policies on one row.
struct Bootstrap {
  static let draws = 1_000

  /// By policy, a mean for every draw.
  private(set) var means: [[Double]]

  /// - Parameter series: over the same rows.
  init(_ series: [LossSeries], seed: UInt64) {
    // Series whose last rows had no label may be coarser by a doubling.
    let count = series.map(\.buckets.count).min() ?? 0
    let length = max(Int(Double(count).squareRoot().rounded()), 1)
    var generator = SeededGenerator(seed: seed, for: "bootstrap")
    means = Array(repeating: [], count: series.count)
    guard count > 0, Set(series.map(\.length)).count == 1 else { return }
    for _ in 0..<Self.draws {
      var sums = Array(repeating: LossSeries.Bucket(), count: series.count)
      var drawn = 0
      while drawn < count {
        let start = generator.below(count - length + 1)
        for index in start..<min(start + length, start + count - drawn) {
          for policy in series.indices {
            sums[policy].sum += series[policy].buckets[index].sum
            sums[policy].count += series[policy].buckets[index].count
          }
        }
        drawn += length
      }
      for policy in series.indices { means[policy].append(sums[policy].sum / Double(max(sums[policy].count, 1))) }
    }
  }

  /// Between which values 95 % of the draws of one policy's mean less another's lie.
  func difference(_ policy: Int, _ other: Int) -> ClosedRange<Double>? {
    let values = zip(means[policy], means[other]).map { $0 - $1 }.sorted()
    guard let low = values.quantile(0.025), let high = values.quantile(0.975) else { return nil }
    return low...high
  }

  /// Share of draws in which a policy has the lowest mean of these.
  func share(best policy: Int, among others: [Int]) -> Double {
    guard !means[policy].isEmpty else { return 0 }
    let wins = means[policy].indices.count { draw in others.allSatisfy { means[policy][draw] <= means[$0][draw] } }
    return Double(wins) / Double(means[policy].count)
  }
}

extension [Double] {
  /// Of sorted values.
  fileprivate func quantile(_ share: Double) -> Double? {
    isEmpty ? nil : self[Swift.min(Int(share * Double(count)), count - 1)]
  }
}

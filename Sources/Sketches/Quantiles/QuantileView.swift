/// The items of a quantile sketch in ascending order, with how many of the values seen each stands for: an estimate of
/// the whole distribution, to which the drift statistics apply.
public struct QuantileView: Hashable, Sendable {
  /// Ascending. A value may occur more than once.
  public let values: [Double]
  /// For each value, how many of those seen it and all before it stand for; strictly increasing, the last is `count`.
  public let cumulativeWeights: [Int]
  /// Values seen.
  public let count: Int
  /// How far a rank read from this view may be from the true one, as a share of `count`, with 99 % confidence; 0 where
  /// the view is exact.
  public let rankError: Double

  /// A view of ascending values of which each was seen once.
  public init(sorted values: [Double]) {
    self.init(values: values, cumulativeWeights: Array(1..<values.count + 1), rankError: 0)
  }

  init(values: [Double], cumulativeWeights: [Int], rankError: Double) {
    self.values = values
    self.cumulativeWeights = cumulativeWeights
    count = cumulativeWeights.last ?? 0
    self.rankError = rankError
  }

  public var isEmpty: Bool { values.isEmpty }

  /// Share of the values seen that are at most `value`, or below it; nil when empty or for NaN. Cost: a binary search.
  public func rank(of value: Double, inclusive: Bool = true) -> Double? {
    guard !isEmpty, value == value else { return nil }
    let below = values.partitioningIndex { inclusive ? $0 > value : $0 >= value }
    return below == 0 ? 0 : Double(cumulativeWeights[below - 1]) / Double(count)
  }

  /// The smallest kept value whose inclusive rank is at least `rank`, or whose exclusive rank is above it; nil when
  /// empty or for a rank outside 0 to 1. Cost: a binary search.
  public func quantile(_ rank: Double, inclusive: Bool = true) -> Double? {
    guard !isEmpty, (0...1).contains(rank) else { return nil }
    let scaled = rank * Double(count)
    let weight = Int(inclusive ? scaled.rounded(.up) : scaled.rounded(.down))
    let before = cumulativeWeights.partitioningIndex { inclusive ? $0 >= weight : $0 > weight }
    return values[min(before, values.count - 1)]
  }
}

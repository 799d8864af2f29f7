/// An item of a stream and how often it came.
public struct FrequentItem: Hashable, Sendable {
  public let item: String
  /// It came at least so often.
  public let lowerBound: Int
  /// It came at most so often. Where the two differ this is the estimate.
  public let upperBound: Int

  public init(item: String, lowerBound: Int, upperBound: Int) {
    self.item = item
    self.lowerBound = lowerBound
    self.upperBound = upperBound
  }
}

/// Which mistake a list of frequent items may not make.
public enum FrequentItemsError: Hashable, Sendable, CaseIterable {
  /// Every item listed came more often than the threshold; others may have too.
  case noFalsePositives
  /// Every item that came more often than the threshold is listed; others may be too.
  case noFalseNegatives
}

extension ItemTable {
  /// The items whose bound is above `threshold`, most frequent first, then by their bytes.
  func listed(_ error: FrequentItemsError, threshold: Int, maximumError: Int) -> [FrequentItem] {
    let margin = error == .noFalsePositives ? 0 : maximumError
    let entries = sorted.filter { $0.count + margin > threshold }
    let order = entries.indices.sorted { (entries[$1].count, $0) < (entries[$0].count, $1) }
    return order.map { index in
      let entry = entries[index]
      return FrequentItem(
        item: String(decoding: entry.item, as: UTF8.self), lowerBound: entry.count,
        upperBound: entry.count + maximumError)
    }
  }
}

/// Sums of losses along the rows in a bounded number of equal buckets: memory does not depend on the number of rows.
///
/// Buckets are doubled when the rows outgrow them, so series over the same rows have the same buckets.
public struct LossSeries: Hashable, Sendable {
  public struct Bucket: Hashable, Sendable {
    public var sum = 0.0
    public var count = 0
  }

  static let mostBuckets = 2_048

  /// Rows of a bucket.
  public private(set) var length = 1
  public private(set) var buckets: [Bucket] = []
  /// The first row that may count.
  public let first: Int

  public init(from first: Int) {
    self.first = first
  }

  mutating func add(_ loss: Double, row: Int) {
    guard row >= first else { return }
    while (row - first) / length >= Self.mostBuckets { double() }
    let place = (row - first) / length
    if place >= buckets.count { buckets += Array(repeating: Bucket(), count: place + 1 - buckets.count) }
    buckets[place].sum += loss
    buckets[place].count += 1
  }

  private mutating func double() {
    length *= 2
    buckets = stride(from: 0, to: buckets.count, by: 2).map { index in
      guard index + 1 < buckets.count else { return buckets[index] }
      return Bucket(
        sum: buckets[index].sum + buckets[index + 1].sum, count: buckets[index].count + buckets[index + 1].count)
    }
  }

  public var sum: Double { buckets.reduce(0) { $0 + $1.sum } }
  public var count: Int { buckets.reduce(0) { $0 + $1.count } }
  /// Nil before the first row.
  public var mean: Double? { count > 0 ? sum / Double(count) : nil }

  /// The mean in each of at most so many stretches of equal length, with the first row of each; nil where none counted.
  public func means(points: Int) -> [(row: Int, mean: Double?)] {
    let step = max((buckets.count + points - 1) / max(points, 1), 1)
    return stride(from: 0, to: buckets.count, by: step).map { start in
      let stretch = buckets[start..<min(start + step, buckets.count)]
      let rows = stretch.reduce(0) { $0 + $1.count }
      return (first + start * length, rows > 0 ? stretch.reduce(0) { $0 + $1.sum } / Double(rows) : nil)
    }
  }
}

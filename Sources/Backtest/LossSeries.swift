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

  /// How much more loss than another series over the same rows, summed up to the end of each of at most so many stretches
  /// of equal length, with the row behind that end.
  public func regret(to other: LossSeries, points: Int) -> [(row: Int, sum: Double)] {
    var (own, other) = (self, other)
    guard own.first == other.first else { return [] }
    while own.length < other.length { own.double() }
    while other.length < own.length { other.double() }
    let count = max(own.buckets.count, other.buckets.count)
    let step = max((count + points - 1) / max(points, 1), 1)
    var sum = 0.0
    return stride(from: 0, to: count, by: step).map { start in
      let end = start + step
      sum += own.sum(of: start..<end) - other.sum(of: start..<end)
      return (first + end * own.length, sum)
    }
  }

  private func sum(of places: Range<Int>) -> Double {
    buckets[places.clamped(to: buckets.indices)].reduce(0) { $0 + $1.sum }
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

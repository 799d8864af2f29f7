/// Adaptive windowing (Bifet and Gavaldà 2007) for a change of a stream's mean, as the library `river` defines it.
///
/// Keeps the longest window that no cut divides into two parts of different means; the window lies in rows of buckets of
/// doubling size. Its δ is a rate per test, not a promise for a stream, and it holds for independent rows only: offered
/// for comparison.
public struct ADWIN: Hashable, Sendable {
  /// Significance of one test.
  public let delta: Double
  /// Rows between two tests.
  public let clock: Int
  /// Buckets of each size, and one more just before two of them merge.
  public let maxBuckets: Int
  /// Rows that either part of the window must have.
  public let minimumWindow: Int
  /// Rows that the window must exceed before it is tested.
  public let gracePeriod: Int

  private struct Bucket: Hashable {
    var total: Double
    var variance: Double
  }

  /// By size: level k holds buckets of 2^k rows, oldest first.
  private var levels: [[Bucket]] = [[]]
  private var total = 0.0
  /// Sum of squared deviations of the window.
  private var squares = 0.0
  private var ticks = 0
  /// Rows in the window.
  public private(set) var width = 0
  /// Whether the last row raised an alarm. The next one starts anew.
  public private(set) var driftDetected = false

  public init(
    delta: Double = 0.002, clock: Int = 32, maxBuckets: Int = 5, minimumWindow: Int = 5, gracePeriod: Int = 10
  ) {
    self.delta = delta
    self.clock = max(clock, 1)
    self.maxBuckets = max(maxBuckets, 2)
    self.minimumWindow = max(minimumWindow, 1)
    self.gracePeriod = gracePeriod
  }

  /// Mean of the window; 0 when empty.
  public var estimation: Double { width > 0 ? total / Double(width) : 0 }

  public mutating func update(_ value: Double) {
    if driftDetected {
      self = ADWIN(
        delta: delta, clock: clock, maxBuckets: maxBuckets, minimumWindow: minimumWindow, gracePeriod: gracePeriod)
    }
    insert(value)
    ticks += 1
    guard ticks % clock == 0, width > gracePeriod else { return }
    while hasCut() {
      driftDetected = true
      dropOldest()
    }
  }

  private mutating func insert(_ value: Double) {
    levels[0].append(Bucket(total: value, variance: 0))
    width += 1
    if width > 1 {
      let before = Double(width - 1)
      let gap = value - total / before
      squares += before * gap * gap / Double(width)
    }
    total += value
    compress()
  }

  private mutating func compress() {
    var level = 0
    while levels[level].count > maxBuckets {
      if level + 1 == levels.count { levels.append([]) }
      let size = Double(1 << level)
      let (first, second) = (levels[level][0], levels[level][1])
      let gap = first.total / size - second.total / size
      levels[level + 1].append(
        Bucket(
          total: first.total + second.total,
          variance: first.variance + second.variance + size * size * gap * gap / (2 * size)))
      levels[level].removeFirst(2)
      level += 1
    }
  }

  private mutating func dropOldest() {
    let last = levels.count - 1
    guard let oldest = levels[last].first else { return }
    let size = 1 << last
    width -= size
    total -= oldest.total
    let rest = Double(width)
    let gap = oldest.total / Double(size) - total / rest
    squares -= oldest.variance + Double(size) * rest * gap * gap / (Double(size) + rest)
    levels[last].removeFirst()
    if levels[last].isEmpty, last > 0 { levels.removeLast() }
  }

  /// Whether some cut between two buckets divides the window into parts of different means.
  private func hasCut() -> Bool {
    var older = 0.0
    var olderTotal = 0.0
    for level in levels.indices.reversed() {
      for bucket in levels[level] {
        older += Double(1 << level)
        olderTotal += bucket.total
        let newer = Double(width) - older
        guard newer > 0 else { return false }
        let gap = olderTotal / older - (total - olderTotal) / newer
        let least = Double(minimumWindow)
        if older >= least, newer >= least, gap.magnitude > tolerance(older, newer) { return true }
      }
    }
    return false
  }

  /// The gap between two parts' means that chance may explain.
  private func tolerance(_ older: Double, _ newer: Double) -> Double {
    let least = Double(minimumWindow)
    let confidence = Elementary.log(2 * Elementary.log(Double(width)) / delta)
    let inverse = 1 / (older - least + 1) + 1 / (newer - least + 1)
    let variance = max(squares / Double(width), 0)
    return (2 * inverse * variance * confidence).squareRoot() + 2 / 3 * confidence * inverse
  }
}

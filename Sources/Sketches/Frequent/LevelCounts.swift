/// How often each level of a categorical column came: exact while levels are few, then frequent items with bounds.
///
/// Exact up to `limits.levels` levels of `limits.bytes` UTF-8 bytes together; past either, the counts go over into
/// `FrequentItems`, which stay exact until 3/4 · 2^lgMaxSize levels. Names beyond `SketchLimits.levelBytes` are counted
/// together, so memory has a bound whatever the names: `limits.bytes`, or 3/4 · 2^lgMaxSize names, and 32 bytes a slot.
public struct LevelCounts: Sendable {
  /// What a column may hold exactly, and how large its frequent items may become.
  public struct Limits: Hashable, Sendable {
    /// Most levels that are counted exactly.
    public let levels: Int
    /// Most bytes that their names may have together.
    public let bytes: Int
    /// Of the frequent items; see `FrequentItems.sizes`.
    public let lgMaxSize: Int

    /// A figure that is too small, or an `lgMaxSize` outside `FrequentItems.sizes`, is moved to the nearest allowed.
    public init(levels: Int = 256, bytes: Int = 16_384, lgMaxSize: Int = 10) {
      self.levels = max(levels, 1)
      self.bytes = max(bytes, 1)
      self.lgMaxSize = FrequentItems(lgMaxSize: lgMaxSize).lgMaxSize
    }

    /// The smaller of each.
    func lowered(to other: Limits) -> Limits {
      Limits(
        levels: min(levels, other.levels), bytes: min(bytes, other.bytes), lgMaxSize: min(lgMaxSize, other.lgMaxSize))
    }
  }

  public private(set) var limits: Limits
  /// How often a name came that is too long to be told from others.
  public private(set) var unnamed = 0
  /// In use while `frequent` is nil.
  private(set) var exact = ItemTable()
  private(set) var exactTotal = 0
  private(set) var frequent: FrequentItems?

  public init(limits: Limits = Limits()) { self.limits = limits }

  init(limits: Limits, unnamed: Int, exact: ItemTable, frequent: FrequentItems?) {
    self.limits = limits
    self.unnamed = unnamed
    self.exact = exact
    self.frequent = frequent
    exactTotal = exact.counts.reduce(0, +)
    handOverIfFull()
  }

  /// How often anything came.
  public var total: Int { (frequent?.total ?? exactTotal) + unnamed }
  public var isEmpty: Bool { total == 0 }
  /// Whether every count is exact and every level has its own.
  public var isExact: Bool { maximumError == 0 && unnamed == 0 }
  /// By how much the count of a level with a name can be too low.
  public var maximumError: Int { frequent?.maximumError ?? 0 }
  /// Number of levels that have a count.
  public var levelCount: Int { frequent?.itemCount ?? exact.count }

  /// Counts a level `count` times, which must not be negative. 10 to 20 ns.
  public mutating func update(_ level: String, count: Int = 1) {
    precondition(count >= 0, "a level cannot come a negative number of times")
    guard level.utf8.count <= SketchLimits.levelBytes else {
      unnamed += count
      return
    }
    guard frequent == nil else {
      frequent?.update(level, count: count)
      return
    }
    guard count > 0 else { return }
    exactTotal += count
    level.withUTF8Bytes { bytes in
      guard !exact.increment(bytes.bytes, by: count) else { return }
      exact.insert(bytes.bytes, count)
      handOverIfFull()
    }
  }

  /// Counts each level once.
  public mutating func update(_ levels: Span<String>) {
    for index in levels.indices { update(levels[index]) }
  }

  private mutating func handOverIfFull() {
    guard frequent == nil, exact.count > limits.levels || exact.byteCount > limits.bytes else { return }
    handOver()
  }

  private mutating func handOver() {
    frequent = FrequentItems(
      lgMaxSize: limits.lgMaxSize, total: exactTotal, maximumError: 0, table: exact)
    exact = ItemTable()
    exactTotal = 0
  }
}

extension LevelCounts: Mergeable {
  /// Adds what `other` has counted, under the smaller limits of the two, unless `other` is empty.
  public mutating func merge(_ other: LevelCounts) {
    guard !other.isEmpty else { return }
    limits = limits.lowered(to: other.limits)
    unnamed += other.unnamed
    if other.frequent != nil, frequent == nil { handOver() }
    if let theirs = other.frequent {
      frequent?.merge(theirs)
    } else if frequent != nil {
      frequent?.merge(
        FrequentItems(
          lgMaxSize: limits.lgMaxSize, total: other.exactTotal, maximumError: 0, table: other.exact))
    } else {
      exact.merge(other.exact)
      exactTotal += other.exactTotal
      handOverIfFull()
    }
  }
}

extension LevelCounts {
  /// At least how often the level came. Nothing is known of a name that is too long.
  public func lowerBound(of level: String) -> Int {
    if let frequent { return frequent.lowerBound(of: level) }
    return level.withUTF8Bytes { exact.count(of: $0.bytes) }
  }

  /// At most how often the level came.
  public func upperBound(of level: String) -> Int {
    if level.utf8.count > SketchLimits.levelBytes { return unnamed }
    return lowerBound(of: level) + maximumError
  }

  /// The levels that have a count, most frequent first, then by their bytes.
  ///
  /// While counts are exact these are all levels with names; later every level that came more often than `maximumError`
  /// is among them.
  public func levels() -> [FrequentItem] {
    frequent?.frequentItems(.noFalseNegatives) ?? exact.listed(.noFalseNegatives, threshold: 0, maximumError: 0)
  }

  /// The levels with names as frequent items, which other tools read.
  public var frequentItems: FrequentItems {
    frequent ?? FrequentItems(lgMaxSize: limits.lgMaxSize, total: exactTotal, maximumError: 0, table: exact)
  }

  /// What is inconsistent, or nil.
  public func checkInvariants() -> String? {
    if unnamed < 0 { return "a negative count" }
    if let frequent {
      if exact.count != 0 || exactTotal != 0 { return "exact counts beside frequent items" }
      if frequent.lgMaxSize > limits.lgMaxSize { return "more frequent items than the limits allow" }
      return frequent.checkInvariants()
    }
    if exact.count > limits.levels || exact.byteCount > limits.bytes { return "more levels than the limits allow" }
    if exact.counts.reduce(0, +) != exactTotal { return "counts that do not add up to the total" }
    return exact.checkInvariants()
  }
}

extension LevelCounts: Equatable {}

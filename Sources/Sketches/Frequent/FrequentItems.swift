/// The frequent items of a stream of texts, with bounds on how often each came: Misra and Gries (1982) with the purge of
/// Anderson, Bevin, Lang, Liberty, Rhodes and Thaler (2017).
///
/// Counts are exact until 3/4 · 2^lgMaxSize different items were seen. From then on no count is off by more than
/// `maximumError`, which is at most 8/3 · total / 2^lgMaxSize, whatever the stream and in whatever tree parts of it were
/// merged. Nothing is random: a purge takes the exact median of the counts.
///
/// Items are the same where their UTF-8 is. Its bytes are those of DataSketches' `frequent_strings_sketch`.
public struct FrequentItems: Sendable {
  /// Sizes of the table.
  public static let sizes = 3...20

  /// Binary logarithm of the table's largest size.
  public private(set) var lgMaxSize: Int
  /// How often anything came.
  public private(set) var total = 0
  /// By how much a count can be too low; zero while all counts are exact.
  public private(set) var maximumError = 0
  private(set) var table = ItemTable()

  /// An empty sketch. An `lgMaxSize` outside `sizes` is moved to the nearest.
  public init(lgMaxSize: Int = 10) {
    self.lgMaxSize = min(max(lgMaxSize, Self.sizes.lowerBound), Self.sizes.upperBound)
  }

  init(lgMaxSize: Int, total: Int, maximumError: Int, table: ItemTable) {
    self.init(lgMaxSize: lgMaxSize)
    self.total = total
    self.maximumError = maximumError
    self.table = table
    purgeIfFull()
  }

  public var isEmpty: Bool { total == 0 }
  /// Whether every count is exact.
  public var isExact: Bool { maximumError == 0 }
  /// Number of items that have a count.
  public var itemCount: Int { table.count }
  /// Most items that have a count.
  public var capacity: Int { 3 << (lgMaxSize - 2) }

  /// Counts an item `count` times, which must not be negative. 10 to 20 ns.
  public mutating func update(_ item: String, count: Int = 1) {
    item.withUTF8Bytes { update($0.bytes, count) }
  }

  /// Counts each item once.
  public mutating func update(_ items: Span<String>) {
    var keys = ItemKeys(repeating: ItemKey(first: 0, second: 0, length: 0))
    var first = 0
    while first < items.count {
      let block = items.extracting(first..<min(first + keys.count, items.count))
      for index in block.indices { keys[index] = block[index].withUTF8Bytes { ItemKey($0.bytes) } }
      var next = table.increment(block, keys.span, block.indices)
      while next < block.count {
        block[next].withUTF8Bytes { table.insert($0.bytes, 1) }
        purgeIfFull()
        next = table.increment(block, keys.span, next + 1..<block.count)
      }
      total += block.count
      first += block.count
    }
  }

  /// Counts an item given by its UTF-8; what is not UTF-8 is repaired as `String(decoding:as:)` does.
  public mutating func update(utf8 item: Span<UInt8>, count: Int = 1) {
    precondition(count >= 0, "an item cannot come a negative number of times")
    if count > 0, table.increment(item.bytes, by: count) {
      total += count
      return
    }
    update(String(decoding: item.withUnsafeBufferPointer { Array($0) }, as: UTF8.self), count: count)
  }

  @inline(__always)
  private mutating func update(_ item: RawSpan, _ count: Int) {
    precondition(count >= 0, "an item cannot come a negative number of times")
    guard count > 0 else { return }
    total += count
    if !table.increment(item, by: count) {
      table.insert(item, count)
      purgeIfFull()
    }
  }

  /// Takes the median count from all items. At least half of the items go, so each unit of error has cost the counters
  /// 3/8 · 2^lgMaxSize: that is where the bound comes from.
  private mutating func purgeIfFull() {
    while table.count > capacity {
      let median = table.counts.median
      table.subtract(median, room: max(capacity, table.count / 2))
      maximumError += median
    }
  }
}

extension FrequentItems: Mergeable {
  /// Adds what `other` has counted. Errors add up, and the table becomes that of the smaller of the two, unless `other`
  /// is empty. Which of two is merged into the other does not matter.
  public mutating func merge(_ other: FrequentItems) {
    guard !other.isEmpty else { return }
    lgMaxSize = min(lgMaxSize, other.lgMaxSize)
    total += other.total
    maximumError += other.maximumError
    table.merge(other.table)
    purgeIfFull()
  }
}

extension FrequentItems {
  /// At least how often the item came.
  public func lowerBound(of item: String) -> Int {
    item.withUTF8Bytes { table.count(of: $0.bytes) }
  }

  /// At most how often the item came.
  public func upperBound(of item: String) -> Int { lowerBound(of: item) + maximumError }

  /// The upper bound where the item has a count, else zero.
  public func estimate(of item: String) -> Int {
    let bound = lowerBound(of: item)
    return bound > 0 ? bound + maximumError : 0
  }

  /// The items that came more often than `threshold` (`maximumError` where none is given), as far as can be known;
  /// most frequent first, then by their bytes.
  public func frequentItems(_ error: FrequentItemsError, threshold: Int? = nil) -> [FrequentItem] {
    table.listed(error, threshold: threshold ?? maximumError, maximumError: maximumError)
  }

  /// What is inconsistent, or nil.
  public func checkInvariants() -> String? {
    if table.count > capacity { return "\(table.count) items where \(capacity) have room" }
    if total < 0 || maximumError < 0 { return "a negative total or error" }
    let counted = table.counts.reduce(0, +)
    if counted > total { return "counts that add up to more than the total" }
    if isExact && counted != total { return "exact counts that do not add up to the total" }
    return table.checkInvariants()
  }
}

extension FrequentItems: Equatable {}

extension [Int] {
  /// The middle element in order, of two the larger; there must be one. Linear on average.
  fileprivate var median: Int {
    var values = self
    let middle = count / 2
    var low = 0
    var high = count - 1
    while low < high {
      let pivot = values[(low + high) / 2]
      var left = low
      var right = high
      while left <= right {
        while values[left] < pivot { left += 1 }
        while values[right] > pivot { right -= 1 }
        guard left <= right else { break }
        values.swapAt(left, right)
        left += 1
        right -= 1
      }
      if middle <= right { high = right } else if middle >= left { low = left } else { break }
    }
    return values[middle]
  }
}

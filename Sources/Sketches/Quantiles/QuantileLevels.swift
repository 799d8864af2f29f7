/// The retained items of a quantile sketch: level h holds items that stand for 2^h values each, in ascending order.
///
/// All levels lie in one array, level 0 first, the top level last, free room in front of level 0. A run that enters a
/// level and a level that is halved into the next are merged in place.
struct QuantileLevels<Value: QuantileValue>: Sendable {
  var items: [Value] = []
  /// Where each level starts in `items`, and last where the top level ends. An array, since an inline one would be
  /// copied at every look.
  var starts: [UInt32] = [0, 0]

  /// Levels up to the highest that was ever used.
  var count: Int { starts.count - 1 }

  var retained: Int { items.count - Int(starts[0]) }

  func bounds(of level: Int) -> Range<Int> { Int(starts[level])..<Int(starts[level + 1]) }

  /// 0 above the top.
  @inline(__always)
  func size(of level: Int) -> Int { level < count ? Int(starts[level + 1]) - Int(starts[level]) : 0 }

  private mutating func grow(to levels: Int) {
    while count < levels { starts.append(starts[count]) }
  }
}

extension QuantileLevels: Equatable {
  /// Whether the same items lie in the same levels; free room does not count.
  static func == (left: Self, right: Self) -> Bool {
    left.count == right.count && (0..<left.count).allSatisfy { left.size(of: $0) == right.size(of: $0) }
      && left.items[Int(left.starts[0])...] == right.items[Int(right.starts[0])...]
  }
}

extension QuantileLevels {
  /// Levels of the given sizes, whose items follow one another in `items`, each level ascending.
  init(sizes: [Int], items: [Value]) {
    self.items = items
    for level in sizes.indices {
      grow(to: level + 1)
      starts[level + 1] = starts[level] + UInt32(sizes[level])
    }
  }

  /// Free room for `wanted` items, in an array of at most `budget` items where that suffices.
  mutating func makeRoom(for wanted: Int, budget: Int) {
    guard Int(starts[0]) < wanted else { return }
    let needed = retained + wanted
    resize(to: max(needed, min(budget, 2 * needed)))
  }

  /// Gives back free room where it is more than one part in `part` of the array.
  mutating func trim(above part: Int) {
    if Int(starts[0]) * part > items.count { resize(to: retained) }
  }

  @inline(__always)
  private mutating func resize(to size: Int) {
    let kept = items[Int(starts[0])...]
    let free = size - kept.count
    var resized: [Value] = []
    resized.reserveCapacity(size)
    resized.append(contentsOf: repeatElement(0, count: free))
    resized.append(contentsOf: kept)
    let shift = UInt32(truncatingIfNeeded: free) &- starts[0]
    for level in starts.indices { starts[level] = starts[level] &+ shift }
    items = resized
  }

  /// Takes every `stride`-th item of an ascending run, from `first` on, into a level. There must be room for them.
  mutating func insert(_ run: Span<Value>, first: Int, stride: Int, count taken: Int, at level: Int) {
    guard taken > 0 else { return }
    grow(to: level + 1)
    Self.insert(
      run, first: first, stride: stride, count: taken, into: &items, below: Int(starts[0])..<Int(starts[level]),
      end: Int(starts[level + 1]))
    for lower in 0...level { starts[lower] -= UInt32(taken) }
  }

  private static func insert(
    _ run: Span<Value>, first: Int, stride: Int, count: Int, into items: inout [Value], below: Range<Int>, end: Int
  ) {
    var items = items.mutableSpan
    for index in below { items[index &- count] = items[index] }
    var target = below.upperBound &- count
    var old = below.upperBound
    var new = first
    let newEnd = first &+ count &* stride
    // What lies between these bounds needs no check at every look; `target` stays below `old` while items are to come.
    precondition(new >= 0 && newEnd &- stride < run.count && target >= 0 && old <= end && end <= items.count)
    while new < newEnd && old < end {
      let a = run[unchecked: new]
      let b = items[unchecked: old]
      let takesOld = b < a ? 1 : 0
      items[unchecked: target] = b < a ? b : a
      new = new &+ stride &* (1 &- takesOld)
      old = old &+ takesOld
      target = target &+ 1
    }
    while new < newEnd {
      items[target] = run[new]
      new = new &+ stride
      target = target &+ 1
    }
  }

  /// Keeps one item of each pair of a level, the first or the second of every pair, and hands them to the next level.
  /// Of an odd number the smallest item stays, with its weight.
  mutating func halve(_ level: Int, keeping side: Int) {
    grow(to: level + 2)
    let range = bounds(of: level)
    let half = range.count / 2
    Self.halve(
      &items, range, keeping: side, lower: Int(starts[0])..<range.lowerBound, end: Int(starts[level + 2]))
    for lower in 0...level { starts[lower] += UInt32(half) }
    starts[level + 1] -= UInt32(half)
  }

  private static func halve(
    _ items: inout [Value], _ range: Range<Int>, keeping side: Int, lower: Range<Int>, end: Int
  ) {
    var items = items.mutableSpan
    let half = range.count / 2
    let odd = range.count & 1
    precondition(range.upperBound <= end && end <= items.count)
    let smallest = items[range.lowerBound]
    var new = range.lowerBound
    let newEnd = new &+ half
    var source = new &+ odd &+ side
    for index in new..<newEnd {
      items[index] = items[source]
      source = source &+ 2
    }
    var old = range.upperBound
    var target = old &- half
    while new < newEnd && old < end {
      let a = items[unchecked: new]
      let b = items[unchecked: old]
      let takesOld = b < a ? 1 : 0
      items[unchecked: target] = b < a ? b : a
      new = new &+ (1 &- takesOld)
      old = old &+ takesOld
      target = target &+ 1
    }
    while new < newEnd {
      items[target] = items[new]
      new = new &+ 1
      target = target &+ 1
    }
    if odd == 1 { items[range.upperBound &- half &- 1] = smallest }
    var index = lower.upperBound
    while index > lower.lowerBound {
      index = index &- 1
      items[index &+ half] = items[index]
    }
  }

  /// Halves levels until the sketch is within its budget, from the lowest full one upwards.
  mutating func compact(k: Int, share: QuantileCapacity.Share, coins: inout QuantileCoins) {
    var levels = count
    var budget = QuantileCapacity.budget(k: k, levels: levels, share: share)
    while retained > budget {
      guard let level = levelToHalve(k: k, share: share) else { return }
      halve(level, keeping: coins.toss(level: level))
      if count > levels {
        levels = count
        budget = QuantileCapacity.budget(k: k, levels: levels, share: share)
      }
    }
  }

  /// The lowest level that is full; where none is, the fullest one. Nil where no level holds two items.
  @inline(__always)
  private func levelToHalve(k: Int, share: QuantileCapacity.Share) -> Int? {
    var fullest = 0
    for level in 0..<min(count, QuantileCapacity.levels - 1) {
      let size = size(of: level)
      guard size > 1 else { continue }
      if size >= QuantileCapacity.narrowest,
        size >= QuantileCapacity.width(k: k, depth: count - 1 - level, share: share)
      {
        return level
      }
      if size > self.size(of: fullest) { fullest = level }
    }
    return size(of: fullest) > 1 ? fullest : nil
  }
}

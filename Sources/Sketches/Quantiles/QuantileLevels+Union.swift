/// Every item, or every second one, of a level that lies in some array.
private struct QuantileRun {
  var first = 0
  var stride = 1
  var count = 0
}

extension QuantileLevels {
  /// The items of two sketches of like size, of which the lower levels, as many as must be, are halved once each.
  ///
  /// The two halves of a level keep opposite items of their pairs, which costs no more error than halving the merged
  /// level, and a half is merged where a whole would have been. Of an odd level the smallest item stays.
  @inline(__always)
  func halvedUnion(with other: QuantileLevels, k: Int, coins: inout QuantileCoins) -> QuantileLevels {
    let highest = highestToHalve(with: other, k: k)
    let levels = max(count, other.count, highest + 2)
    var union = QuantileLevels()
    union.items = [Value](repeating: 0, count: unionSize(with: other, highest: highest))
    union.count = levels
    var start = 0
    var halves = (QuantileRun(), QuantileRun())
    for level in union.starts.indices {
      union.starts[level] = UInt32(start)
      guard level < levels else { continue }
      let wholes = (run(of: level), other.run(of: level))
      guard level <= highest else {
        start = Self.merge(items, other.items, halves, wholes, into: &union.items, at: start)
        halves = (QuantileRun(), QuantileRun())
        continue
      }
      let side = coins.toss(level: level)
      let odd = (wholes.0.count & 1, wholes.1.count & 1)
      let left = start
      if odd.0 == 1 {
        union.items[start] = items[wholes.0.first]
        start += 1
      }
      if odd.1 == 1 {
        union.items[start] = other.items[wholes.1.first]
        start += 1
      }
      let merged = start
      start = Self.merge(items, other.items, halves.0, halves.1, into: &union.items, at: start)
      for position in (left..<merged).reversed() { Self.sink(&union.items, position, end: start) }
      halves = (
        QuantileRun(first: wholes.0.first + odd.0 + side, stride: 2, count: wholes.0.count / 2),
        QuantileRun(first: wholes.1.first + odd.1 + 1 - side, stride: 2, count: wholes.1.count / 2)
      )
    }
    while union.count > 1, union.size(of: union.count - 1) == 0 { union.count -= 1 }
    return union
  }

  @inline(__always)
  private func run(of level: Int) -> QuantileRun {
    QuantileRun(first: Int(starts[level]), stride: 1, count: size(of: level))
  }

  /// The lowest level up to which all must be halved for the rest to fit.
  @inline(__always)
  private func highestToHalve(with other: QuantileLevels, k: Int) -> Int {
    let levels = max(count, other.count)
    var excess = retained + other.retained - QuantileCapacity.budget(k: k, levels: levels, share: .merged)
    let last = min(levels, QuantileCapacity.levels - 1) - 1
    for level in 0...last {
      excess -= size(of: level) / 2 + other.size(of: level) / 2
      if excess <= 0 { return level }
    }
    return last
  }

  @inline(__always)
  private func unionSize(with other: QuantileLevels, highest: Int) -> Int {
    (0...highest).reduce(retained + other.retained) { $0 - size(of: $1) / 2 - other.size(of: $1) / 2 }
  }

  /// Merges two pairs of runs, the first run of each pair from `left`. Returns the end of what was written.
  private static func merge(
    _ left: [Value], _ right: [Value], _ halves: (QuantileRun, QuantileRun), _ wholes: (QuantileRun, QuantileRun),
    into target: inout [Value], at start: Int
  ) -> Int {
    let half = halves.0.count + halves.1.count
    let whole = wholes.0.count + wholes.1.count
    guard half > 0 else { return merge(left, right, wholes.0, wholes.1, into: &target, at: start) }
    guard whole > 0 else { return merge(left, right, halves.0, halves.1, into: &target, at: start) }
    var halved = [Value](repeating: 0, count: half)
    var unhalved = [Value](repeating: 0, count: whole)
    _ = merge(left, right, halves.0, halves.1, into: &halved, at: 0)
    _ = merge(left, right, wholes.0, wholes.1, into: &unhalved, at: 0)
    return merge(
      halved, unhalved, QuantileRun(count: half), QuantileRun(count: whole), into: &target, at: start)
  }

  /// Merges two runs from both ends at once: two chains of comparisons that do not wait for each other.
  private static func merge(
    _ left: [Value], _ right: [Value], _ a: QuantileRun, _ b: QuantileRun, into target: inout [Value], at start: Int
  ) -> Int {
    let left = left.span
    let right = right.span
    var target = target.mutableSpan
    var i = a.first
    var j = b.first
    var iEnd = i &+ (a.count &- 1) &* a.stride
    var jEnd = j &+ (b.count &- 1) &* b.stride
    var low = start
    var high = start &+ a.count &+ b.count &- 1
    while i <= iEnd && j <= jEnd {
      let x = left[i]
      let y = right[j]
      let takesRight = y < x ? 1 : 0
      target[low] = y < x ? y : x
      i = i &+ a.stride &* (1 &- takesRight)
      j = j &+ b.stride &* takesRight
      low = low &+ 1
      guard i <= iEnd && j <= jEnd else { break }
      let v = left[iEnd]
      let w = right[jEnd]
      let takesLeft = w < v ? 1 : 0
      target[high] = w < v ? v : w
      iEnd = iEnd &- a.stride &* takesLeft
      jEnd = jEnd &- b.stride &* (1 &- takesLeft)
      high = high &- 1
    }
    while i <= iEnd {
      target[low] = left[i]
      i = i &+ a.stride
      low = low &+ 1
    }
    while j <= jEnd {
      target[low] = right[j]
      j = j &+ b.stride
      low = low &+ 1
    }
    return start &+ a.count &+ b.count
  }

  /// Moves an item up to its place among ascending ones behind it.
  private static func sink(_ items: inout [Value], _ position: Int, end: Int) {
    let item = items[position]
    var hole = position
    while hole + 1 < end, items[hole + 1] < item {
      items[hole] = items[hole + 1]
      hole += 1
    }
    items[hole] = item
  }
}

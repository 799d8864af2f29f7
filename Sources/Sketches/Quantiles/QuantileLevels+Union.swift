/// Items of a level that lie in some array, all of a range or every second one.
private struct QuantileRun {
  var first = 0
  var count = 0
}

extension QuantileLevels {
  /// Takes in the items of a sketch of like size, and halves the lower levels of both, as many as must be, once each.
  ///
  /// The two halves of a level keep opposite items of their pairs, which costs no more error than halving the merged
  /// level, and a half is merged where a whole would have been. Of an odd level the smallest item stays.
  mutating func formHalvedUnion(with other: QuantileLevels, k: Int, coins: inout QuantileCoins) {
    let highest = highestToHalve(with: other, k: k)
    let levels = max(count, other.count, highest + 2)
    var union = [Value](repeating: 0, count: unionSize(with: other, highest: highest))
    var unionStarts: [UInt32] = [0]
    unionStarts.reserveCapacity(levels + 1)
    var scratch: [Value] = []
    var start = 0
    var halves = (QuantileRun(), QuantileRun())
    for level in 0..<levels {
      var wholes = (run(of: level), other.run(of: level))
      var next = (QuantileRun(), QuantileRun())
      if level <= highest {
        let side = coins.toss(level: level)
        next = (Self.halve(&wholes.0, keeping: side), Self.halve(&wholes.1, keeping: 1 - side))
      }
      start = Self.merge(items, other.items, halves, wholes, &scratch, into: &union, at: start)
      unionStarts.append(UInt32(start))
      halves = next
    }
    items = union
    starts = unionStarts
    while count > 1, size(of: count - 1) == 0 { starts.removeLast() }
  }

  @inline(__always)
  private func run(of level: Int) -> QuantileRun {
    level < count ? QuantileRun(first: Int(starts[level]), count: size(of: level)) : QuantileRun()
  }

  /// Leaves of the run the smallest item where the number is odd, and returns every second one of the others.
  @inline(__always)
  private static func halve(_ run: inout QuantileRun, keeping side: Int) -> QuantileRun {
    let odd = run.count & 1
    let half = QuantileRun(first: run.first + odd + side, count: run.count / 2)
    run.count = odd
    return half
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
    _ scratch: inout [Value], into target: inout [Value], at start: Int
  ) -> Int {
    let half = halves.0.count + halves.1.count
    let whole = wholes.0.count + wholes.1.count
    if half == 0 {
      merge(left.span, right.span, wholes, into: &target, at: start)
    } else if whole == 0 {
      mergeSeconds(left.span, right.span, halves, into: &target, at: start)
    } else {
      if scratch.count < half + whole { scratch = [Value](repeating: 0, count: half + whole) }
      mergeSeconds(left.span, right.span, halves, into: &scratch, at: 0)
      merge(left.span, right.span, wholes, into: &scratch, at: half)
      let runs = (QuantileRun(count: half), QuantileRun(first: half, count: whole))
      merge(scratch.span, scratch.span, runs, into: &target, at: start)
    }
    return start + half + whole
  }

  private static func merge(
    _ left: Span<Value>, _ right: Span<Value>, _ runs: (QuantileRun, QuantileRun), into target: inout [Value],
    at start: Int
  ) {
    merge(left, right, runs, stride: 1, into: &target, at: start)
  }

  /// Of runs of every second item.
  private static func mergeSeconds(
    _ left: Span<Value>, _ right: Span<Value>, _ runs: (QuantileRun, QuantileRun), into target: inout [Value],
    at start: Int
  ) {
    merge(left, right, runs, stride: 2, into: &target, at: start)
  }

  /// Merges two runs from both ends at once: two chains of comparisons that do not wait for each other. With a constant
  /// stride no step is a branch.
  @inline(__always)
  private static func merge(
    _ left: Span<Value>, _ right: Span<Value>, _ runs: (QuantileRun, QuantileRun), stride: Int,
    into target: inout [Value], at start: Int
  ) {
    var target = target.mutableSpan
    var i = runs.0.first
    var j = runs.1.first
    var iEnd = i &+ (runs.0.count &- 1) &* stride
    var jEnd = j &+ (runs.1.count &- 1) &* stride
    var low = start
    var high = start &+ runs.0.count &+ runs.1.count &- 1
    // What lies between these bounds needs no check at every look.
    precondition(i >= 0 && iEnd < left.count && j >= 0 && jEnd < right.count && low >= 0 && high < target.count)
    while i <= iEnd && j <= jEnd {
      let x = left[unchecked: i]
      let y = right[unchecked: j]
      let takesRight = y < x ? 1 : 0
      target[unchecked: low] = y < x ? y : x
      i = i &+ stride &* (1 &- takesRight)
      j = j &+ stride &* takesRight
      low = low &+ 1
      guard i <= iEnd && j <= jEnd else { break }
      let v = left[unchecked: iEnd]
      let w = right[unchecked: jEnd]
      let takesLeft = w < v ? 1 : 0
      target[unchecked: high] = w < v ? v : w
      iEnd = iEnd &- stride &* takesLeft
      jEnd = jEnd &- stride &* (1 &- takesLeft)
      high = high &- 1
    }
    while i <= iEnd {
      target[unchecked: low] = left[unchecked: i]
      i = i &+ stride
      low = low &+ 1
    }
    while j <= jEnd {
      target[unchecked: low] = right[unchecked: j]
      j = j &+ stride
      low = low &+ 1
    }
  }
}

extension QuantileLevels {
  /// Where the items of a level of another sketch go.
  private struct Entry {
    let level: Int
    let stride: Int
    /// Items that enter `level`, one of each `stride`.
    let taken: Int
    /// Items left over at the top end, which keep their level.
    let left: Int
  }

  /// Takes in all items of `other`, which should be the sketch of fewer values.
  ///
  /// Where the two do not fit together, a long run of a low level is thinned straight to the level at which its error
  /// is still small beside that of the whole sketch, as a block of values is when it enters; halving it level by level
  /// would come to the same, with more work.
  mutating func merge(_ other: QuantileLevels, k: Int, coins: inout QuantileCoins) {
    let top = max(count, other.count)
    let thins = retained + other.retained > QuantileCapacity.budget(k: k, levels: top, share: .merged)
    let room = (0..<other.count).reduce(0) { room, level in
      let entry = other.entry(of: level, k: k, top: top, thins: thins)
      return room + entry.taken + entry.left
    }
    if thins, 2 * room > retained {
      formHalvedUnion(with: other, k: k, coins: &coins)
    } else {
      makeRoom(for: room, budget: 0)
      insertThinned(other, k: k, top: top, thins: thins, coins: &coins)
    }
    compact(k: k, share: .merged, coins: &coins)
  }

  @inline(__always)
  private mutating func insertThinned(
    _ other: QuantileLevels, k: Int, top: Int, thins: Bool, coins: inout QuantileCoins
  ) {
    for level in 0..<other.count where other.size(of: level) > 0 {
      let entry = other.entry(of: level, k: k, top: top, thins: thins)
      let first = Int(other.starts[level])
      let offset = entry.stride == 1 ? 0 : Int(truncatingIfNeeded: coins.draw()) & (entry.stride - 1)
      insert(other.items.span, first: first + offset, stride: entry.stride, count: entry.taken, at: entry.level)
      insert(
        other.items.span, first: first + entry.taken * entry.stride, stride: 1, count: entry.left, at: level)
    }
  }

  @inline(__always)
  private func entry(of level: Int, k: Int, top: Int, thins: Bool) -> Entry {
    let size = size(of: level)
    guard thins else { return Entry(level: level, stride: 1, taken: size, left: 0) }
    let target = max(level, QuantileCapacity.entryLevel(values: size << level, k: k, levels: top))
    let shift = min(target - level, Int.bitWidth - 1 - size.leadingZeroBitCount)
    guard shift > 0 else { return Entry(level: level, stride: 1, taken: size, left: 0) }
    return Entry(level: level + shift, stride: 1 << shift, taken: size >> shift, left: size & (1 << shift - 1))
  }
}

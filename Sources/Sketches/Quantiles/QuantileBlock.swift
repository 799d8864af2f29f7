/// Sorting of one block of values.
///
/// Blocks of one stream resemble each other, so a way that sorted the last block fast is tried first on the next. All
/// ways give the same order (but for the two zeros), so what is remembered shows in the speed alone.
enum QuantileBlock {
  /// Values of a block.
  static let size = 1_024
  /// Blocks of at most this many values are sorted by insertion.
  static let small = 40
  /// Blocks that are sorted by merging before the faster ways are tried again.
  static let patience: UInt8 = 64

  /// A way to sort a block.
  enum Way: UInt8, Sendable {
    /// Cells of equal width between the smallest and the largest value.
    case linear
    /// Cells of equal width over the middle of the block; the tails share the outermost cells.
    case clipped
    /// A first split into coarse cells, then cells of equal width inside each crowded one.
    case clustered
    /// Merging, which no order or shape of values slows down.
    case merging
  }

  struct Habit: Equatable, Sendable {
    var way = Way.linear
    /// Blocks still to be sorted by merging.
    var patience: UInt8 = 0
    /// Whether the last block went wrong: one alone is bad luck, two in a row call for another way.
    var stumbled = false

    mutating func failed() {
      stumbled.toggle()
      guard !stumbled || way == .merging else { return }
      stumbled = false
      switch way {
      case .linear: way = .clipped
      case .clipped: way = .clustered
      case .clustered:
        way = .merging
        patience = QuantileBlock.patience
      case .merging:
        patience -= patience > 0 ? 1 : 0
        if patience == 0 { way = .linear }
      }
    }
  }

  /// Smallest and largest value, or nil where one is not a number.
  @inline(__always)
  static func extent<Value: QuantileValue>(_ values: Span<Value>) -> (low: Value, high: Value)? {
    guard values.count > 0 else { return nil }
    let first = values[0]
    var low0 = first, low1 = first, low2 = first, low3 = first
    var high0 = first, high1 = first, high2 = first, high3 = first
    var ordered = true
    var index = 0
    while index &+ 4 <= values.count {
      let a = values[index], b = values[index &+ 1], c = values[index &+ 2], d = values[index &+ 3]
      low0 = a < low0 ? a : low0
      low1 = b < low1 ? b : low1
      low2 = c < low2 ? c : low2
      low3 = d < low3 ? d : low3
      high0 = a > high0 ? a : high0
      high1 = b > high1 ? b : high1
      high2 = c > high2 ? c : high2
      high3 = d > high3 ? d : high3
      ordered = ordered && (a == a) && (b == b) && (c == c) && (d == d)
      index = index &+ 4
    }
    while index < values.count {
      let a = values[index]
      low0 = a < low0 ? a : low0
      high0 = a > high0 ? a : high0
      ordered = ordered && a == a
      index = index &+ 1
    }
    guard ordered else { return nil }
    return (min(min(low0, low1), min(low2, low3)), max(max(high0, high1), max(high2, high3)))
  }

  /// Leaves the values in ascending order at the front of `scratch.sorted`. They must be numbers, at most `size`.
  @inline(__always)
  static func sort<Value: QuantileValue>(
    _ values: Span<Value>, low: Value, high: Value, habit: inout Habit, scratch: inout QuantileScratch<Value>
  ) {
    if values.count <= small || low == high {
      copy(values, to: &scratch.sorted)
      _ = insertionSort(&scratch.sorted, 0..<values.count, moves: .max)
      return
    }
    switch habit.way {
    case .linear:
      spread(values, Scale(low, high), scratch: &scratch)
    case .clipped:
      let (low, high) = middle(of: values, scratch: &scratch)
      spread(values, Scale(low, high), scratch: &scratch)
    case .clustered:
      split(values, Scale(low, high), scratch: &scratch)
    case .merging:
      habit.failed()
      mergeSort(values, into: &scratch.sorted)
      return
    }
    if insertionSort(&scratch.sorted, 0..<values.count, moves: 4 * values.count) {
      habit.stumbled = false
      return
    }
    habit.failed()
    mergeSort(values, into: &scratch.sorted)
  }

  @inline(__always)
  static func copy<Value: QuantileValue>(_ values: Span<Value>, to target: inout [Value]) {
    var target = target.mutableSpan
    for index in values.indices { target[index] = values[index] }
  }

  /// Sorts what is almost in order. False, with the values in some order, where that took too many moves.
  @inline(__always)
  static func insertionSort<Value: QuantileValue>(_ values: inout [Value], _ range: Range<Int>, moves: Int) -> Bool {
    var values = values.mutableSpan
    var left = moves
    var index = range.lowerBound &+ 1
    while index < range.upperBound {
      let value = values[index]
      if value < values[index &- 1] {
        var hole = index
        repeat {
          values[hole] = values[hole &- 1]
          hole = hole &- 1
        } while hole > range.lowerBound && value < values[hole &- 1]
        values[hole] = value
        left = left &- (index &- hole)
        if left < 0 { return false }
      }
      index = index &+ 1
    }
    return true
  }
}

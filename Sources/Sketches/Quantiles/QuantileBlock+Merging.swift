extension QuantileBlock {
  /// Sorts by merging runs of 4, 8, 16 … from both ends at once, without a branch that depends on a value.
  static func mergeSort<Value: QuantileValue>(_ values: Span<Value>, into sorted: inout [Value]) {
    var width = 4
    while width < values.count { width *= 2 }
    var keys = [Int64](repeating: .max, count: width)
    var spare = keys
    for index in values.indices { keys[index] = key(values[index].exactDouble) }
    sortFours(&keys)
    var run = 4
    while run < width {
      mergeRuns(&keys, into: &spare, run: run)
      swap(&keys, &spare)
      run *= 2
    }
    for index in values.indices { sorted[index] = Value(nearest: value(keys[index])) }
  }

  /// An integer that orders as the number does.
  @inline(__always)
  private static func key(_ value: Double) -> Int64 {
    let bits = Int64(bitPattern: value.bitPattern)
    return bits ^ ((bits >> 63) & .max)
  }

  @inline(__always)
  private static func value(_ key: Int64) -> Double {
    Double(bitPattern: UInt64(bitPattern: key ^ ((key >> 63) & .max)))
  }

  private static func sortFours(_ keys: inout [Int64]) {
    var keys = keys.mutableSpan
    var index = 0
    while index < keys.count {
      let a = min(keys[index], keys[index &+ 1])
      let b = max(keys[index], keys[index &+ 1])
      let c = min(keys[index &+ 2], keys[index &+ 3])
      let d = max(keys[index &+ 2], keys[index &+ 3])
      keys[index] = min(a, c)
      keys[index &+ 1] = min(max(a, c), min(b, d))
      keys[index &+ 2] = max(max(a, c), min(b, d))
      keys[index &+ 3] = max(b, d)
      index = index &+ 4
    }
  }

  private static func mergeRuns(_ source: inout [Int64], into target: inout [Int64], run: Int) {
    let source = source.span
    var target = target.mutableSpan
    var start = 0
    while start < source.count {
      var left = start, right = start &+ run
      var leftEnd = right &- 1, rightEnd = right &+ run &- 1
      var low = start, high = rightEnd
      for _ in 0..<run {
        let a = source[left], b = source[right]
        let takesRight = b < a ? 1 : 0
        target[low] = b < a ? b : a
        right = right &+ takesRight
        left = left &+ (1 &- takesRight)
        low = low &+ 1
        let c = source[leftEnd], d = source[rightEnd]
        let takesLeft = d < c ? 1 : 0
        target[high] = d < c ? c : d
        leftEnd = leftEnd &- takesLeft
        rightEnd = rightEnd &- (1 &- takesLeft)
        high = high &- 1
      }
      start = start &+ 2 &* run
    }
  }
}

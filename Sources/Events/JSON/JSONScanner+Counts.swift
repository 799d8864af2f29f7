extension JSONScanner {
  /// An array of counts.
  ///
  /// - Parameter room: how many are expected, so that the array has the right size from the beginning.
  mutating func counts(reserving room: Int = 0) throws(EventError) -> [Int] {
    let start = next
    if let counts = writtenCounts(max(room, 32)) { return counts }
    next = start
    return try array { (scanner) throws(EventError) in try scanner.count() }
  }

  /// Counts of at most eight digits without blanks between them; nil where they are not written so.
  ///
  /// - Parameter room: where there are more, all are read once more with room for twice as many.
  private mutating func writtenCounts(_ room: Int) -> [Int]? {
    guard current == UInt8(ascii: "["), depth < Limits.depth else { return nil }
    let start = next + 1
    var room = room
    while true {
      next = start
      var rest = Rest.other
      let counts = [Int](unsafeUninitializedCapacity: room) { buffer, count in rest = fill(buffer, &count) }
      switch rest {
      case .none: return counts
      case .more: room *= 2
      case .other: return nil
      }
    }
  }

  /// How an array goes on behind the counts that were read.
  private enum Rest {
    /// Its end has been read too.
    case none
    /// There are more of them than there is room for.
    case more
    case other
  }

  private mutating func fill(_ room: UnsafeMutableBufferPointer<Int>, _ count: inout Int) -> Rest {
    while count < room.count {
      if count <= room.count - 4, let rest = fillFour(room, &count) {
        if rest == .none { return .none }
        continue
      }
      guard let value = writtenCount() else { return .other }
      room.initializeElement(at: count, to: value)
      count += 1
      let behind = current
      next += 1
      if behind == UInt8(ascii: "]") { return .none }
      guard behind == UInt8(ascii: ",") else { return .other }
    }
    return .more
  }

  /// Reads four counts of one digit, where that is what comes next: nil where it is not.
  @inline(__always)
  private mutating func fillFour(_ room: UnsafeMutableBufferPointer<Int>, _ count: inout Int) -> Rest? {
    let values = paddedWord(at: next) ^ 0x2c30_2c30_2c30_2c30
    // Digits and commas by turns; what stands behind the last digit is looked at alone.
    guard (values | (values &+ 0x0006_0006_0006_0006)) & 0x00f0_fff0_fff0_fff0 == 0 else { return nil }
    let last = UInt8(truncatingIfNeeded: values &>> 56) ^ UInt8(ascii: ",")
    guard last == UInt8(ascii: ",") || last == UInt8(ascii: "]") else { return nil }
    for index in 0..<4 {
      room.initializeElement(at: count &+ index, to: Int(truncatingIfNeeded: (values &>> UInt64(16 &* index)) & 0xf))
    }
    count &+= 4
    next &+= 8
    return last == UInt8(ascii: ",") ? .more : Rest.none
  }
}

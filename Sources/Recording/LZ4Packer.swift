/// Packs one block by a table of the places where four bytes have been seen last.
struct LZ4Packer {
  private static let tableBits = 13

  private let source: UnsafeRawBufferPointer
  private let target: UnsafeMutableRawBufferPointer
  private var end = 0

  /// - Parameter target: at least `LZ4.bound` bytes.
  init(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) {
    self.source = source
    self.target = target
  }

  /// - Returns: how many bytes were written.
  mutating func pack() -> Int {
    var anchor = 0
    if source.count > LZ4.matchMargin {
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1 << Self.tableBits) { table in
        table.initialize(repeating: 0)
        anchor = packMatches(table)
      }
    }
    put(literals: anchor..<source.count, match: nil)
    return end
  }

  /// - Returns: where the literals behind the last match begin.
  private mutating func packMatches(_ table: UnsafeMutableBufferPointer<UInt32>) -> Int {
    let lastStart = source.count - LZ4.matchMargin
    var anchor = 0
    var place = 1
    while let found = nextMatch(from: place, upTo: lastStart, table) {
      var (start, earlier) = found
      while start > anchor, earlier > 0, source[start - 1] == source[earlier - 1] {
        start -= 1
        earlier -= 1
      }
      let length = LZ4.leastMatch + common(start + LZ4.leastMatch, earlier + LZ4.leastMatch)
      put(literals: anchor..<start, match: (start - earlier, length))
      anchor = start + length
      place = anchor
      guard place <= lastStart else { break }
      table[slot(of: word(place - 2))] = UInt32(place - 2)
    }
    return anchor
  }

  /// Looks less and less closely where nothing is found for long.
  private func nextMatch(
    from place: Int, upTo lastStart: Int, _ table: UnsafeMutableBufferPointer<UInt32>
  ) -> (place: Int, earlier: Int)? {
    var place = place
    var looks = 1 << 6
    while place <= lastStart {
      let here = word(place)
      let slot = slot(of: here)
      let earlier = Int(table[slot])
      table[slot] = UInt32(place)
      if place - earlier <= LZ4.window, earlier < place, word(earlier) == here { return (place, earlier) }
      place += looks >> 6
      looks += 1
    }
    return nil
  }

  /// How many bytes agree from two places on, the last literals left out.
  private func common(_ later: Int, _ earlier: Int) -> Int {
    let limit = source.count - LZ4.lastLiterals
    var count = 0
    while later + count + 8 <= limit {
      let difference =
        UInt64(littleEndian: source.loadUnaligned(fromByteOffset: later + count, as: UInt64.self))
        ^ UInt64(littleEndian: source.loadUnaligned(fromByteOffset: earlier + count, as: UInt64.self))
      guard difference == 0 else { return count + difference.trailingZeroBitCount / 8 }
      count += 8
    }
    while later + count < limit, source[later + count] == source[earlier + count] { count += 1 }
    return count
  }

  private func word(_ place: Int) -> UInt32 {
    UInt32(littleEndian: source.loadUnaligned(fromByteOffset: place, as: UInt32.self))
  }

  private func slot(of word: UInt32) -> Int {
    Int((word &* 2_654_435_761) >> UInt32(32 - Self.tableBits))
  }

  private mutating func put(literals: Range<Int>, match: (offset: Int, length: Int)?) {
    let token = end
    end += 1
    put(length: literals.count)
    UnsafeMutableRawBufferPointer(rebasing: target[end...]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: source[literals]))
    end += literals.count
    var high = UInt8(min(literals.count, 15)) << 4
    if let match {
      target[end] = UInt8(truncatingIfNeeded: match.offset)
      target[end + 1] = UInt8(truncatingIfNeeded: match.offset >> 8)
      end += 2
      put(length: match.length - LZ4.leastMatch)
      high |= UInt8(min(match.length - LZ4.leastMatch, 15))
    }
    target[token] = high
  }

  /// What a length has beyond the 15 that the token holds.
  private mutating func put(length: Int) {
    guard length >= 15 else { return }
    var rest = length - 15
    while rest >= 255 {
      target[end] = 255
      end += 1
      rest -= 255
    }
    target[end] = UInt8(rest)
    end += 1
  }
}

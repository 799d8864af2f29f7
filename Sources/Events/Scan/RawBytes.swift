extension UnsafeRawBufferPointer {
  /// Whether both hold the same bytes. Looks at all of them, so that the loop has one exit and runs in vectors.
  @inline(__always)
  func equals(_ other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count else { return false }
    var difference: UInt64 = 0
    for word in 0..<count / 8 { difference |= self.word(word) ^ other.word(word) }
    return difference | (tail ^ other.tail) == 0
  }

  @inline(__always)
  var isASCII: Bool {
    var high = tail
    for word in 0..<count / 8 { high |= self.word(word) }
    return high & 0x8080_8080_8080_8080 == 0
  }

  @inline(__always)
  var isUTF8: Bool { isASCII || String(validating: self, as: UTF8.self) != nil }

  /// The part of a range that lies within.
  @inline(__always)
  func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }

  @inline(__always)
  private func word(_ number: Int) -> UInt64 { loadUnaligned(fromByteOffset: 8 &* number, as: UInt64.self) }

  /// The bytes behind the last whole word.
  @inline(__always)
  private var tail: UInt64 {
    var place = count & ~7
    var tail: UInt64 = 0
    if count & 4 != 0 {
      tail = UInt64(loadUnaligned(fromByteOffset: place, as: UInt32.self))
      place &+= 4
    }
    if count & 2 != 0 {
      tail = tail &<< 16 | UInt64(loadUnaligned(fromByteOffset: place, as: UInt16.self))
      place &+= 2
    }
    return count & 1 != 0 ? tail &<< 8 | UInt64(self[place]) : tail
  }
}

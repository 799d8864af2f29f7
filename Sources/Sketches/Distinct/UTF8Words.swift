extension String {
  /// The text's UTF-8, in place where the text is native.
  @inline(__always)
  func withUTF8Bytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    // Not `utf8.span`, which is a call into the library for every text.
    if let result = utf8.withContiguousStorageIfAvailable({ body($0.span) }) { return result }
    return body(Array(utf8).span)
  }
}

extension RawSpan {
  /// The eight bytes from `position`, which must be there.
  @inline(__always)
  func word(at position: Int) -> UInt64 {
    UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
  }

  @inline(__always)
  private func half(at position: Int) -> UInt64 {
    UInt64(UInt32(littleEndian: unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self)))
  }

  @inline(__always)
  private func byte(at position: Int) -> UInt64 {
    UInt64(unsafeLoad(fromByteOffset: position, as: UInt8.self))
  }

  /// The bytes from `position` on, at most sixteen, as two words with zeros behind them.
  @inline(__always)
  func paddedWords(from position: Int) -> (first: UInt64, second: UInt64) {
    let count = byteCount - position
    // No load crosses the ninth byte: a short string was just stored as two words, and a load over both would wait.
    if count > 8 { return (word(at: position), paddedWord(from: position + 8, count - 8)) }
    return (paddedWord(from: position, count), 0)
  }

  /// Overlapping loads: where two of them cover a byte they agree on it.
  @inline(__always)
  private func paddedWord(from position: Int, _ count: Int) -> UInt64 {
    if count >= 4 {
      let shift = UInt64(8 * (count - 4))
      return half(at: position) | half(at: position + count - 4) &<< shift
    }
    guard count > 0 else { return 0 }
    let middle = count / 2
    return byte(at: position) | byte(at: position + middle) &<< UInt64(8 * middle)
      | byte(at: position + count - 1) &<< UInt64(8 * (count - 1))
  }

  /// Whether these bytes, eight at least, stand in `other` at `start`. The last word may overlap the one before.
  @inline(__always)
  func isEqual(to other: RawSpan, at start: Int) -> Bool {
    var position = 0
    while position + 8 <= byteCount {
      guard word(at: position) == other.word(at: start + position) else { return false }
      position += 8
    }
    return word(at: byteCount - 8) == other.word(at: start + byteCount - 8)
  }
}

/// Reading as fast as may be what `JSONWriter` wrote: one form of every value, names in one order, no blanks.
///
/// What stands otherwise gives false or nil, and is not yet a fault: the caller goes back to where it began and reads the
/// same bytes in the general way, which knows every form and every error.
extension JSONScanner {
  /// Reads over `text`, at most 16 bytes, where it comes next. What it is compared with are constants at compile time.
  @inline(__always)
  mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard count <= end - next, isNext(text, count) else { return false }
    next += count
    return true
  }

  @inline(__always)
  private func isNext(_ text: StaticString, _ count: Int) -> Bool {
    let other = UnsafeRawPointer(text.utf8Start)
    return switch count {
    case 8...16: isNext(UInt64.self, other, count)
    case 4..<8: isNext(UInt32.self, other, count)
    case 2..<4: isNext(UInt16.self, other, count)
    default: count == 1 && current == text.utf8Start.pointee
    }
  }

  /// Compares the first and the last bytes, as many as the type has, which is half of them or more.
  @inline(__always)
  private func isNext<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type, _ other: UnsafeRawPointer, _ count: Int
  ) -> Bool {
    let last = count - MemoryLayout<T>.size
    let front = load(T.self, at: next) ^ other.loadUnaligned(as: T.self)
    return front | (load(T.self, at: next + last) ^ other.loadUnaligned(fromByteOffset: last, as: T.self)) == 0
  }

  @inline(__always)
  mutating func writtenText() -> String? {
    guard current == UInt8(ascii: "\""), let token = try? textToken() else { return nil }
    return try? string(token)
  }

  /// A count of at most eight digits.
  @inline(__always)
  mutating func writtenCount() -> Int? {
    let word = paddedWord(at: next)
    let digits = Digits.leading(word)
    // No leading zeros.
    guard digits > 0, digits == 1 || word & 0xff != UInt64(UInt8(ascii: "0")) else { return nil }
    next += digits
    return Int(truncatingIfNeeded: Digits.value(word, count: digits))
  }
}

/// What a table hashes of an item's UTF-8, and compares first: up to sixteen bytes whole, of longer ones a digest.
struct ItemKey: Equatable {
  static let mostInline = 16

  let first: UInt64
  let second: UInt64
  let length: Int

  @inline(__always)
  init(_ bytes: RawSpan) {
    length = bytes.byteCount
    if length <= Self.mostInline {
      (first, second) = bytes.paddedWords(from: 0)
    } else {
      first = Murmur3(bytes, seed: 0).first
      second = 0
    }
  }

  init(first: UInt64, second: UInt64, length: Int) {
    self.first = first
    self.second = second
    self.length = length
  }

  var isInline: Bool { length <= Self.mostInline }

  /// Where a search of a table starts; the low bits are good.
  @inline(__always)
  var home: Int {
    let seed = UInt64(truncatingIfNeeded: length) &* 0x9e37_79b9_7f4a_7c15
    let product = (first ^ seed).multipliedFullWidth(by: second ^ 0xd6e8_feb8_6659_fd93)
    return Int(truncatingIfNeeded: product.high ^ product.low)
  }
}

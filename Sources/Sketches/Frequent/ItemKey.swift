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
      first = Self.digest(bytes)
      second = 0
    }
  }

  /// Sixteen bytes to a multiplication; the last sixteen may have been taken in part. Not one that is written anywhere.
  @inline(__always)
  private static func digest(_ bytes: RawSpan) -> UInt64 {
    func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
      let product = left.multipliedFullWidth(by: right)
      return product.high ^ product.low
    }
    var digest: UInt64 = 0xa076_1d64_78bd_642f
    var position = 0
    while position + mostInline < bytes.byteCount {
      digest = fold(digest ^ bytes.word(at: position), bytes.word(at: position + 8) ^ 0xe703_7ed1_a0b4_28db)
      position += mostInline
    }
    let last = bytes.byteCount - mostInline
    return fold(digest ^ bytes.word(at: last), bytes.word(at: last + 8) ^ 0x8ebc_6af0_9c88_c6e3)
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

/// Keys of a few items, which are made before a table is searched for any of them: what a text's bytes are read with
/// then stays out of the search.
typealias ItemKeys = InlineArray<16, ItemKey>

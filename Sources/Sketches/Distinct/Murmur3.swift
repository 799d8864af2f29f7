/// MurmurHash3 x64 128 (Appleby, 2011), little-endian: the hash of Apache DataSketches' HyperLogLog.
struct Murmur3: Equatable {
  var first: UInt64
  var second: UInt64

  private static let c1: UInt64 = 0x87c3_7b91_1142_53d5
  private static let c2: UInt64 = 0x4cf5_ad43_2745_937f

  /// Of the eight bytes of one word.
  @inline(__always)
  init(word: UInt64, seed: UInt64) {
    first = (seed ^ Self.low(word)) ^ 8
    second = seed ^ 8
    finish()
  }

  /// Of any bytes.
  @inline(__always)
  init(_ bytes: RawSpan, seed: UInt64) {
    first = seed
    second = seed
    var position = 0
    while position + 16 <= bytes.byteCount {
      block(bytes.word(at: position), bytes.word(at: position + 8))
      position += 16
    }
    let tail = bytes.paddedWords(from: position)
    second ^= Self.high(tail.second)
    first ^= Self.low(tail.first)
    first ^= UInt64(bytes.byteCount)
    second ^= UInt64(bytes.byteCount)
    finish()
  }

  @inline(__always)
  private static func low(_ word: UInt64) -> UInt64 { rotate(word &* c1, 31) &* c2 }

  @inline(__always)
  private static func high(_ word: UInt64) -> UInt64 { rotate(word &* c2, 33) &* c1 }

  @inline(__always)
  private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
    word &<< bits | word &>> (64 &- bits)
  }

  @inline(__always)
  private static func mix(_ word: UInt64) -> UInt64 {
    var word = word
    word ^= word &>> 33
    word = word &* 0xff51_afd7_ed55_8ccd
    word ^= word &>> 33
    word = word &* 0xc4ce_b9fe_1a85_ec53
    return word ^ (word &>> 33)
  }

  @inline(__always)
  private mutating func block(_ one: UInt64, _ two: UInt64) {
    first = Self.rotate(first ^ Self.low(one), 27) &+ second
    first = first &* 5 &+ 0x52dc_e729
    second = Self.rotate(second ^ Self.high(two), 31) &+ first
    second = second &* 5 &+ 0x3849_5ab5
  }

  @inline(__always)
  private mutating func finish() {
    first = first &+ second
    second = second &+ first
    first = Self.mix(first)
    second = Self.mix(second)
    first = first &+ second
    second = second &+ first
  }
}

import Bytes
import Testing

/// Steele, Lea and Flood's SplitMix64: a seeded stream of numbers.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// All arrays over `alphabet` with at most `length` elements.
func everyArray<T>(over alphabet: [T], upTo length: Int) -> [[T]] {
  var all: [[T]] = [[]]
  var layer: [[T]] = [[]]
  for _ in 0..<length {
    layer = layer.flatMap { array in alphabet.map { array + [$0] } }
    all += layer
  }
  return all
}

/// Decodes every prefix and every single-byte change of `bytes`; each must throw or pass `check`.
func expectHarmless<T>(
  _ bytes: [UInt8], decode: (inout ByteReader) throws(ByteError) -> T, check: (T) -> Bool
) {
  for length in 0..<bytes.count {
    var reader = ByteReader(bytes[..<length])
    #expect(throws: ByteError.self) { _ = try decode(&reader) }
  }
  for position in bytes.indices {
    for change: UInt8 in [1, 0x40, 0x80, 0xff] {
      var damaged = bytes
      damaged[position] ^= change
      var reader = ByteReader(damaged)
      if let value = try? decode(&reader) {
        #expect(check(value), "byte \(position) changed by \(change)")
      }
    }
  }
}

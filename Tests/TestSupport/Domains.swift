public import Bytes
import Testing

/// All arrays over `alphabet` with at most `length` elements.
public func everyArray<T>(over alphabet: [T], upTo length: Int) -> [[T]] {
  var all: [[T]] = [[]]
  var layer: [[T]] = [[]]
  for _ in 0..<length {
    layer = layer.flatMap { array in alphabet.map { array + [$0] } }
    all += layer
  }
  return all
}

/// Decodes every prefix and every single-byte change of `bytes`; each must throw or pass `check`.
public func expectHarmless<T>(
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

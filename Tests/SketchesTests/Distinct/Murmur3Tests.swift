import Testing

@testable import Sketches

@Suite("MurmurHash3")
struct Murmur3Tests {
  private static func hash(_ bytes: [UInt8], seed: UInt64) -> Murmur3 { Murmur3(bytes.span.bytes, seed: seed) }

  private static func bytes(_ hash: Murmur3) -> [UInt8] {
    [hash.first, hash.second].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }

  /// Keys of every length from 0 to 255, each with its own seed, and the hash of all their hashes.
  @Test("The verification value of Appleby's test suite")
  func verification() {
    let hashes = (0..<256).flatMap { length in
      Self.bytes(Self.hash((0..<length).map { UInt8($0) }, seed: UInt64(256 - length)))
    }
    #expect(Self.hash(hashes, seed: 0).first & 0xffff_ffff == 0x6384_ba69)
  }

  @Test("Published hashes")
  func published() {
    #expect(Self.hash([], seed: 0) == Murmur3(first: 0, second: 0))
    let hello = Self.hash(Array("hello".utf8), seed: 0)
    #expect(hello == Murmur3(first: 0xcbd8_a7b3_41bd_9b02, second: 0x5b1e_906a_48ae_1d19))
    let fox = Self.hash(Array("The quick brown fox jumps over the lazy dog".utf8), seed: 0)
    #expect(fox == Murmur3(first: 0xe34b_bc7b_bc07_1b6c, second: 0x7a43_3ca9_c49a_9347))
  }

  @Test("A word is hashed as its eight bytes", arguments: [0, 1, 9_001, .max] as [UInt64])
  func words(seed: UInt64) {
    for word in [0, 1, 0x0123_4567_89ab_cdef, .max] as [UInt64] {
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
      #expect(Murmur3(word: word, seed: seed) == Self.hash(bytes, seed: seed))
    }
  }

  @Test("Padded words are the bytes and zeros, for every length and start")
  func paddedWords() {
    let bytes = (1...24).map { UInt8($0 * 10) }
    for end in 0...bytes.count {
      for start in max(0, end - 16)...end {
        let words = bytes[..<end].withUnsafeBytes { $0.bytes.paddedWords(from: start) }
        let padded = Array(bytes[start..<end]) + [UInt8](repeating: 0, count: 16 - (end - start))
        #expect(Self.bytes(Murmur3(first: words.first, second: words.second)) == padded)
      }
    }
  }
}

extension Murmur3 {
  init(first: UInt64, second: UInt64) {
    self.init(word: 0, seed: 0)
    self.first = first
    self.second = second
  }
}

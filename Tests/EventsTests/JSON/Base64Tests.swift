import TestSupport
import Testing

@testable import Events

@Suite("Base 64")
struct Base64Tests {
  @Test("the test vectors of RFC 4648, section 10")
  func published() {
    let vectors = [
      "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=", "foobar": "Zm9vYmFy",
    ]
    for (plain, text) in vectors {
      #expect(Base64.encode(Array(plain.utf8)) == text)
      #expect(Base64.decode(text) == Array(plain.utf8))
    }
  }

  @Test("every two bytes, and long random runs, survive")
  func roundTrip() {
    for value in 0...UInt16.max {
      let bytes = [UInt8(value >> 8), UInt8(value & 255)]
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
    var random = SplitMix64(seed: 1)
    for count in 0..<300 {
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
  }

  @Test(
    "nothing else is read",
    arguments: ["A", "AA", "AAA", "AA=A", "====", "A===", "AB==", "AAB=", "A-==", "Zg==\n", "é==="])
  func refused(_ text: String) {
    #expect(Base64.decode(text) == nil)
  }
}

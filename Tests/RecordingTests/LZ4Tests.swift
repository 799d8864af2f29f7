import Bytes
import TestSupport
import Testing

@testable import Recording

@Suite("LZ4")
struct LZ4Tests {
  private func unpacked(_ packed: [UInt8], count: Int) -> [UInt8]? {
    packed.withUnsafeBytes { LZ4.unpacked($0, count: count) }
  }

  private func expectRoundTrip(_ bytes: [UInt8], _ place: SourceLocation = #_sourceLocation) {
    let packed = LZ4.packed(bytes)
    #expect(packed.count <= LZ4.bound(bytes.count), sourceLocation: place)
    #expect(unpacked(packed, count: bytes.count) == bytes, "\(bytes.count) bytes", sourceLocation: place)
    #expect(bytes.count <= LZ4.mostUnpacked(packed.count), sourceLocation: place)
  }

  @Test("Every short text of two letters comes back, alone and repeated")
  func short() {
    for bytes in everyArray(over: [7, 9] as [UInt8], upTo: 9) where !bytes.isEmpty {
      expectRoundTrip(bytes)
      expectRoundTrip(Array(repeatElement(bytes, count: 5).joined()))
    }
  }

  @Test("Lengths about every boundary of the format come back: runs, repeats at any distance, noise")
  func boundaries() {
    var random = SplitMix64(seed: 4)
    let noise = (0..<80_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let lengths = [1, 4, 5, 11, 12, 13, 14, 15, 16, 18, 19, 20, 31, 32, 269, 270, 271, 273, 274, 275, 524, 525]
    for length in lengths {
      expectRoundTrip(Array(repeating: 3, count: length))
      expectRoundTrip(Array(noise.prefix(length)))
      for distance in [1, 2, 7, 8, 15, 16, 17, 300] {
        let front = Array(noise.prefix(distance))
        expectRoundTrip(front + (0..<length).map { front[$0 % distance] } + noise.suffix(20))
      }
    }
    for distance in [65_534, 65_535, 65_536] {
      expectRoundTrip(Array(noise.prefix(distance)) + noise.prefix(40) + noise.suffix(20))
    }
    expectRoundTrip(noise)
  }

  @Test("A block that the reference packed is read")
  func reference() throws {
    let drift = "The leeway of a vessel is her sideways drift. "
    let text =
      Array(String(repeating: drift, count: 3).utf8) + (0..<40) + Array(String(repeating: "drift ", count: 20).utf8)
      + Array("end of it all".utf8)
    let packed = try #require(
      bytes(
        hexadecimal: "f012546865206c6565776179206f6620612076657373656c20697320686572207369641b009f732064726966742e202e"
          + "0049f119000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526278b000291"
          + "000f06005ad0656e64206f6620697420616c6c"))
    #expect(unpacked(packed, count: text.count) == text)
  }

  @Test("Any few literals, distances and lengths come out as told byte by byte; blocks cut anywhere do not")
  func sequences() {
    var random = SplitMix64(seed: 6)
    for _ in 0..<2_000 {
      var (packed, plain): ([UInt8], [UInt8]) = ([], [])
      for _ in 0...random.below(12) {
        let literals = (0..<(plain.isEmpty ? 1 : 0) + random.below(17)).map { _ in UInt8(random.below(256)) }
        let distance = 1 + random.below(min(plain.count + literals.count, 40))
        append(literals, distance, LZ4.leastMatch + random.below(30), to: &packed, &plain)
      }
      let end = (0..<random.below(40)).map { _ in UInt8(random.below(256)) }
      append(end, nil, LZ4.leastMatch, to: &packed, &plain)
      #expect(unpacked(packed, count: plain.count) == plain)
      for count in [plain.count - 1, plain.count + 1] { #expect(unpacked(packed, count: count) == nil) }
      let cut = random.below(packed.count)
      #expect(unpacked(Array(packed[..<cut]), count: plain.count) == nil)
    }
  }

  @Test("No distance reaches in front of the block, or nowhere", arguments: [0, 1, 7, 8, 15, 16, 20, 65_535])
  func distances(_ distance: Int) {
    var (packed, plain): ([UInt8], [UInt8]) = ([], [])
    append(Array(1...8), distance, 10, to: &packed, &plain)
    append(Array(repeating: 0, count: 100), nil, LZ4.leastMatch, to: &packed, &plain)
    #expect((unpacked(packed, count: 118) != nil) == (1...8).contains(distance))
  }

  /// One sequence of a block, and what it stands for, as far as that is anything.
  private func append(
    _ literals: [UInt8], _ distance: Int?, _ match: Int, to packed: inout [UInt8], _ plain: inout [UInt8]
  ) {
    func more(_ length: Int) -> [UInt8] {
      length < 15 ? [] : Array(repeating: 255, count: (length - 15) / 255) + [UInt8((length - 15) % 255)]
    }
    let extra = match - LZ4.leastMatch
    packed += [UInt8(min(literals.count, 15) << 4 | min(extra, 15))] + more(literals.count) + literals
    plain += literals
    guard let distance else { return }
    packed += [UInt8(distance & 255), UInt8(distance >> 8)] + more(extra)
    guard (1...plain.count).contains(distance) else { return }
    for _ in 0..<match { plain.append(plain[plain.count - distance]) }
  }

  @Test("Hostile bytes are refused, or give as many bytes as were asked for")
  func hostile() {
    var random = SplitMix64(seed: 5)
    let corpus = (0..<20).map { round in
      LZ4.packed((0..<(20 + round * 40)).map { _ in UInt8(random.below(3)) })
    }
    Fuzz.run("LZ4", corpus) { input in
      for count in [1, 20, 300, 900] { #expect(unpacked(input, count: count)?.count ?? count == count) }
    }
    #expect(unpacked([], count: 5) == nil)
  }
}

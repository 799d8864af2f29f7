import Bytes
import TestSupport
import Testing

struct ChecksumTests {
  @Test func crcOfTheStandardsCheckString() {
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xe306_9283)
    #expect(CRC32C.checksum([UInt8]()) == 0)
  }

  /// RFC 3720, appendix B.4.
  @Test func crcOfTheStandardsBlocks() {
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(CRC32C.checksum(Array(0..<32)) == 0x46dd_794e)
    #expect(CRC32C.checksum(Array((0..<32).reversed())) == 0x113f_db5c)
  }

  @Test func crcMayBeTakenInPieces() {
    var random = SplitMix64(seed: 1)
    for length in 0..<70 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      let whole = CRC32C.checksum(bytes)
      for cut in 0...length {
        let head = CRC32C.checksum(bytes[..<cut])
        let joined = bytes[cut...].withUnsafeBytes { CRC32C.checksum($0, seed: head) }
        #expect(joined == whole)
      }
    }
  }

  /// Every byte and every place counts: no single changed bit goes unseen.
  @Test func crcSeesEachBit() {
    var bytes = [UInt8](repeating: 0x5a, count: 41)
    let whole = CRC32C.checksum(bytes)
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(CRC32C.checksum(bytes) != whole)
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }
  }

  /// The values that Kafka's own tests hold its hash to.
  @Test(
    arguments: [
      ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
      ("a-little-bit-longer-string", -1_486_304_829),
      ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
    ] as [(String, Int32)])
  func murmurAsKafkaHasIt(text: String, hash: Int32) {
    #expect(Int32(bitPattern: Murmur2.hash(Array(text.utf8))) == hash)
    #expect(Int32(bitPattern: Murmur2.hash(("--" + text).utf8.dropFirst(2))) == hash)
  }

  @Test func partitionsAreInRange() {
    for partitions in 1...40 {
      for key in 0..<500 {
        #expect((0..<partitions).contains(Murmur2.partition(of: "\(key)".utf8, among: partitions)))
      }
    }
    #expect(Murmur2.partition(of: "foobar".utf8, among: 12) == Int(UInt32(bitPattern: -790_332_482) & 0x7fff_ffff) % 12)
  }

  /// Values of xxHash's own implementation, for each way through the algorithm.
  @Test func xxHash() {
    let values: [(length: Int, hash: UInt64)] = [
      (0, 0xef46_db37_51d8_e999),
      (1, 0xe934_a84a_db05_2768),
      (3, 0xe5d2_be4a_e4b3_469a),
      (4, 0x3b4d_7f7c_6bd1_ae90),
      (7, 0xf952_f190_1a5a_fc9b),
      (8, 0x5068_3412_2cb7_b4d0),
      (14, 0x7faa_5027_304d_59cb),
      (31, 0xf9c8_15c5_99cb_b32d),
      (32, 0xba7b_afd4_7342_62dd),
      (33, 0x791c_be85_7e7f_a007),
      (63, 0xcc8b_2a54_2e4a_451e),
      (64, 0xd14b_f011_9fd2_50a1),
      (101, 0xdd84_e97f_5cbc_99f8),
      (1_000, 0xb128_0f64_2812_6532),
    ]
    for (length, hash) in values {
      #expect(XXH64.hash((0..<length).map { UInt8(truncatingIfNeeded: $0 * 31) }) == hash, "\(length) bytes")
    }
  }
}

/// The 64-bit xxHash of Collet (XXH64): the checksum of a log's rows and of a recording's frames.
///
/// Four lanes that do not wait for one another take 11 GB/s, four times a CRC from tables, which cost a third of reading.
/// It is no defence against somebody who means to deceive, as no CRC is.
public enum XXH64 {
  private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
  private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
  private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
  private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
  private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

  public static func hash(_ bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBytes { hash($0) }
  }

  public static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    var next = 0
    var hash = bytes.count >= 32 ? stripes(bytes, seed, &next) : seed &+ prime5
    hash &+= UInt64(bytes.count)
    while next + 8 <= bytes.count {
      hash = rotated(hash ^ round(0, word(bytes, next)), 27) &* prime1 &+ prime4
      next += 8
    }
    if next + 4 <= bytes.count {
      let half = UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: next, as: UInt32.self)))
      hash = rotated(hash ^ (half &* prime1), 23) &* prime2 &+ prime3
      next += 4
    }
    while next < bytes.count {
      hash = rotated(hash ^ (UInt64(bytes[next]) &* prime5), 11) &* prime1
      next += 1
    }
    hash = (hash ^ hash >> 33) &* prime2
    hash = (hash ^ hash >> 29) &* prime3
    return hash ^ hash >> 32
  }

  /// Takes as many stretches of 32 bytes as there are.
  private static func stripes(_ bytes: UnsafeRawBufferPointer, _ seed: UInt64, _ next: inout Int) -> UInt64 {
    var first = seed &+ prime1 &+ prime2
    var second = seed &+ prime2
    var third = seed
    var fourth = seed &- prime1
    while next + 32 <= bytes.count {
      first = round(first, word(bytes, next))
      second = round(second, word(bytes, next + 8))
      third = round(third, word(bytes, next + 16))
      fourth = round(fourth, word(bytes, next + 24))
      next += 32
    }
    var hash = rotated(first, 1) &+ rotated(second, 7) &+ rotated(third, 12) &+ rotated(fourth, 18)
    hash = merged(hash, first)
    hash = merged(hash, second)
    hash = merged(hash, third)
    return merged(hash, fourth)
  }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
  }

  @inline(__always)
  private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }

  @inline(__always)
  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 { rotated(lane &+ word &* prime2, 31) &* prime1 }

  @inline(__always)
  private static func merged(_ hash: UInt64, _ lane: UInt64) -> UInt64 { (hash ^ round(0, lane)) &* prime1 &+ prime4 }
}

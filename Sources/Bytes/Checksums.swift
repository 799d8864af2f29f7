/// CRC-32C (Castagnoli, RFC 3720), slice-by-eight: about a byte a cycle, the same on every platform.
public enum CRC32C {
  private static let tables: [[UInt32]] = {
    var tables = [[UInt32]](repeating: [UInt32](repeating: 0, count: 256), count: 8)
    for index in 0..<256 {
      var crc = UInt32(index)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82f6_3b78 : crc >> 1 }
      tables[0][index] = crc
    }
    for table in 1..<8 {
      for index in 0..<256 {
        let previous = tables[table - 1][index]
        tables[table][index] = (previous >> 8) ^ tables[0][Int(previous & 0xff)]
      }
    }
    return tables
  }()

  private static let flat: [UInt32] = tables.flatMap { $0 }

  public static func checksum(_ bytes: ByteSlice) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0) }
  }

  public static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0) }
  }

  /// The checksum of `bytes`; pass the checksum of what came before as `seed` to continue it.
  public static func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
    flat.withUnsafeBufferPointer { table in
      var crc = ~seed
      var position = 0
      while position + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)) ^ UInt64(crc)
        crc = 0
        for lane in 0..<8 {
          crc ^= table[(7 - lane) * 256 + Int((word >> (UInt64(lane) * 8)) & 0xff)]
        }
        position += 8
      }
      while position < bytes.count {
        crc = (crc >> 8) ^ table[Int((crc ^ UInt32(bytes[position])) & 0xff)]
        position += 1
      }
      return ~crc
    }
  }
}

/// MurmurHash2 as Kafka's Java client computes it, seed 0x9747b28c: which partition a key belongs to.
public enum Murmur2 {
  public static func hash(_ key: some Collection<UInt8>) -> UInt32 {
    let data = Array(key)
    let m: UInt32 = 0x5bd1_e995
    var h: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: data.count)
    var position = 0
    while position + 4 <= data.count {
      var k = UInt32(data[position]) | UInt32(data[position + 1]) << 8
      k |= UInt32(data[position + 2]) << 16 | UInt32(data[position + 3]) << 24
      k = k &* m
      k ^= k >> 24
      k = k &* m
      h = h &* m
      h ^= k
      position += 4
    }
    let tail = data.count - position
    if tail == 3 { h ^= UInt32(data[position + 2]) << 16 }
    if tail >= 2 { h ^= UInt32(data[position + 1]) << 8 }
    if tail >= 1 {
      h ^= UInt32(data[position])
      h = h &* m
    }
    h ^= h >> 13
    h = h &* m
    h ^= h >> 15
    return h
  }

  /// The partition that Kafka's default partitioner gives to a key: `(hash & 0x7fffffff) % partitions`.
  public static func partition(of key: some Collection<UInt8>, among partitions: Int) -> Int {
    Int(hash(key) & 0x7fff_ffff) % max(partitions, 1)
  }
}

import Bytes

/// How a recording lies in its file. Numbers are little-endian, `varint` and `signed` as `ByteWriter` has them.
///
///     89 4C 57 52 45 43 0A 01       "LWREC", line feed, version 1
///     frames                        one with the topics, any number with records, one with the totals
///     u64, 45 4E 44 4C 57 52 45 0A  where the last frame begins, then "ENDLWRE", line feed
///
///     frame    u8     1 topics, 2 records, 3 totals
///              u8     0 as it is, 1 packed as a block of LZ4
///              u16    0
///              u32    records in it
///              u32    bytes of the body as it lies here
///              u32    bytes of the body unpacked
///              u64    number of the frame, from 0
///              u64    XXH64 of the body as it lies here, seeded with that of the 24 bytes before
///              body
///
///     topics   count; name and partitions of each, by name
///     records  content: 10 lengths in bytes, then what has these lengths
///                runs          place, records in a row
///                times         signed  milliseconds since the record before; of the first since 1970
///                keys          varint  0 for none, else its length + 1
///                values        varint  the same
///                header counts varint
///                headers       number of its name among those below, length
///                names         of headers, each behind its length
///                bytes of all keys, of all headers' values, of all values
///              then where offsets go on elsewhere than behind the record before of the same place, from 0 on:
///                count; records since the last such one, offsets skipped
///     totals   count of places; records, first offset, offset behind the last, earliest and latest time of each;
///              u64 of the content, u64 of the checksums of all frames before
///
/// A place is a partition: the topics' partitions counted through in the order of the topics.
///
/// Records stand in the order of their timestamps, those of one partition as in the log; of equal ones topic and partition
/// decide. A frame ends when its content is large enough, whatever its offsets are: so the same records give the same
/// content, and the same content with the same offsets the same bytes.
enum RecordingFormat {
  static let magic: [UInt8] = [0x89] + Array("LWREC\n".utf8)
  static let version: UInt8 = 1
  static let startBytes = magic.count + 1
  static let endMark: [UInt8] = Array("ENDLWRE\n".utf8)
  static let endBytes = 8 + endMark.count

  static let start: [UInt8] = magic + [version]

  static func end(totalsAt position: Int64) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(fixed: UInt64(position))
    writer.append(raw: endMark)
    return writer.bytes
  }
}

/// The fixed part of a frame.
struct FrameHead {
  enum Kind: UInt8 {
    case topics = 1, records, totals
  }

  enum Packing: UInt8 {
    case none, lz4
  }

  static let bytes = 32
  private static let summedBytes = 24

  let kind: Kind
  let packing: Packing
  let records: Int
  let bodyBytes: Int
  let unpackedBytes: Int
  let number: Int64
  private(set) var checksum: UInt64 = 0

  /// A frame that holds `body`, packed where that saves something.
  static func frame(_ kind: Kind, _ body: [UInt8], records: Int, number: Int64) -> (bytes: [UInt8], checksum: UInt64) {
    let packed = LZ4.packed(body)
    let isPacked = packed.count < body.count - body.count / 16
    let stored = isPacked ? packed : body
    var head = FrameHead(
      kind: kind, packing: isPacked ? .lz4 : .none, records: records, bodyBytes: stored.count,
      unpackedBytes: body.count, number: number)
    head.checksum = stored.withUnsafeBytes { head.sum($0) }
    return (head.encoded + stored, head.checksum)
  }

  private init(kind: Kind, packing: Packing, records: Int, bodyBytes: Int, unpackedBytes: Int, number: Int64) {
    (self.kind, self.packing, self.records, self.number) = (kind, packing, records, number)
    (self.bodyBytes, self.unpackedBytes) = (bodyBytes, unpackedBytes)
  }

  /// Reads the head alone: what it says of the body has been checked against the limits, and nothing else.
  init(decoding bytes: ByteSlice) throws(ByteError) {
    var reader = ByteReader(bytes)
    guard let kind = Kind(rawValue: try reader.byte()), let packing = Packing(rawValue: try reader.byte()),
      try reader.fixed(UInt16.self) == 0
    else { throw reader.failure("not a frame") }
    let records = Int(try reader.fixed(UInt32.self))
    let bodyBytes = Int(try reader.fixed(UInt32.self))
    let unpackedBytes = Int(try reader.fixed(UInt32.self))
    guard bodyBytes <= RecordingLimits.bodyBytes, unpackedBytes <= RecordingLimits.bodyBytes, unpackedBytes > 0,
      packing == .lz4 ? unpackedBytes <= LZ4.mostUnpacked(bodyBytes) : unpackedBytes == bodyBytes,
      records <= RecordingLimits.frameRecords
    else { throw reader.failure("a frame of impossible size") }
    self.init(
      kind: kind, packing: packing, records: records, bodyBytes: bodyBytes, unpackedBytes: unpackedBytes,
      number: Int64(bitPattern: try reader.fixed(UInt64.self)))
    checksum = try reader.fixed(UInt64.self)
  }

  func matches(_ body: UnsafeRawBufferPointer) -> Bool { sum(body) == checksum }

  /// - Returns: nil where the body is not what was packed.
  func unpacked(_ body: UnsafeRawBufferPointer) -> [UInt8]? {
    switch packing {
    case .none: Array(body)
    case .lz4: LZ4.unpacked(body, count: unpackedBytes)
    }
  }

  private func sum(_ body: UnsafeRawBufferPointer) -> UInt64 {
    XXH64.hash(
      body, seed: encoded.withUnsafeBytes { XXH64.hash(UnsafeRawBufferPointer(rebasing: $0[..<Self.summedBytes])) })
  }

  private var encoded: [UInt8] {
    var writer = ByteWriter(reserving: Self.bytes)
    writer.append(kind.rawValue)
    writer.append(packing.rawValue)
    writer.append(fixed: UInt16(0))
    writer.append(fixed: UInt32(records))
    writer.append(fixed: UInt32(bodyBytes))
    writer.append(fixed: UInt32(unpackedBytes))
    writer.append(fixed: UInt64(bitPattern: number))
    writer.append(fixed: checksum)
    return writer.bytes
  }
}

import Bytes
import Log

/// The bytes of a row: records one after another, each by its difference from the one before, so that they are
/// finished before the transaction tells at which offset they begin.
///
///     byte      format, 1
///     records:  varint   offsets skipped since the previous record
///               signed   milliseconds since the previous record; the first since 1970
///               varint   0 for no key, else its length + 1
///               varint   0 for no value, else its length + 1
///               varint   number of headers
///               headers: varint length, UTF-8 name, varint length, value
///               key, value
enum BatchCodec {
  static let format: UInt8 = 1
  /// The fewest bytes that a record can take.
  static let leastRecordBytes = 5
  /// The most bytes that a record takes beside its key, value and headers.
  static let mostRecordOverhead = 50
  static let mostHeaderOverhead = 20

  /// Bytes of a record's content: what the limit of a record's size counts.
  static func contentBytes(of record: Record) -> Int {
    var bytes = (record.key?.count ?? 0) + (record.value?.count ?? 0)
    for header in record.headers { bytes += header.name.utf8.count + header.value.count }
    return bytes
  }

  /// The checksum as stored: over the bytes, and over where they belong, so that a changed column shows too.
  static func seal(_ checksum: UInt64, tp: Int64, base: Int64, last: Int64, count: Int64) -> Int64 {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { place in
      place.storeBytes(of: tp.littleEndian, toByteOffset: 0, as: Int64.self)
      place.storeBytes(of: base.littleEndian, toByteOffset: 8, as: Int64.self)
      place.storeBytes(of: last.littleEndian, toByteOffset: 16, as: Int64.self)
      place.storeBytes(of: count.littleEndian, toByteOffset: 24, as: Int64.self)
      return Int64(bitPattern: XXH64.hash(UnsafeRawBufferPointer(place), seed: checksum))
    }
  }
}

/// A row before it has a place.
struct EncodedRow {
  let data: [UInt8]
  let count: Int
  /// Distance from the first record's offset to the last one's, plus one.
  let span: Int64
  let earliest: Int64
  let latest: Int64
  let checksum: UInt64
}

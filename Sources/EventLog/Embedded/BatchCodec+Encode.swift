import Bytes
import Log

extension BatchCodec {
  /// Rows of bounded size that hold `records` in order.
  static func rows(_ records: [Record]) -> [EncodedRow] {
    var rows: [EncodedRow] = []
    var start = 0
    while start < records.count {
      let (end, bound) = cut(records.count, from: start) { records[$0] }
      rows.append(
        encode(start..<end, bound: bound) { writer, index in
          writer.put(records[index], skipped: 0)
        })
      start = end
    }
    return rows
  }

  /// Rows of bounded size that hold `records` at the offsets that they have.
  /// - Returns: each row with the offset of its first record.
  static func rows(stored records: [StoredRecord]) -> [(base: Int64, row: EncodedRow)] {
    var rows: [(base: Int64, row: EncodedRow)] = []
    var start = 0
    while start < records.count {
      let (end, bound) = cut(records.count, from: start) { records[$0].record }
      let base = records[start].offset
      var previous = base - 1
      let row = encode(start..<end, bound: bound) { writer, index in
        writer.put(records[index].record, skipped: records[index].offset - previous - 1)
        previous = records[index].offset
      }
      rows.append((base, row))
      start = end
    }
    return rows
  }

  /// Where the row that begins at `start` ends, and the most bytes that it can take.
  private static func cut(_ count: Int, from start: Int, record: (Int) -> Record) -> (end: Int, bound: Int) {
    var end = start
    var bound = 1
    while end < count, end - start < EmbeddedLogLimits.rowRecords {
      let record = record(end)
      let most = contentBytes(of: record) + mostRecordOverhead + record.headers.count * mostHeaderOverhead
      if end > start, bound + most > EmbeddedLogLimits.rowBytes { break }
      bound += most
      end += 1
    }
    return (end, bound)
  }

  private static func encode(
    _ range: Range<Int>, bound: Int, put: (inout RowWriter, Int) -> Void
  ) -> EncodedRow {
    var earliest = Int64.max
    var latest = Int64.min
    var span: Int64 = 0
    let data = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      var writer = RowWriter(buffer)
      for index in range { put(&writer, index) }
      (count, span) = (writer.position, writer.span)
      (earliest, latest) = (writer.earliest, writer.latest)
    }
    return EncodedRow(
      data: data, count: range.count, span: span, earliest: earliest, latest: latest,
      checksum: XXH64.hash(data))
  }
}

/// Writes into a buffer that the caller has made large enough for every record at its longest.
private struct RowWriter {
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private(set) var position = 0
  private(set) var span: Int64 = 0
  private(set) var earliest = Int64.max
  private(set) var latest = Int64.min
  private var previousTime: Int64 = 0

  init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
    self.buffer = buffer
    buffer[0] = BatchCodec.format
    position = 1
  }

  mutating func put(_ record: Record, skipped: Int64) {
    put(UInt64(skipped))
    let step = record.timestamp &- previousTime
    put(UInt64(bitPattern: (step << 1) ^ (step >> 63)))
    put(record.key.map { UInt64($0.count) + 1 } ?? 0)
    put(record.value.map { UInt64($0.count) + 1 } ?? 0)
    put(UInt64(record.headers.count))
    for header in record.headers {
      var name = header.name
      name.withUTF8 {
        put(UInt64($0.count))
        copy($0)
      }
      put(UInt64(header.value.count))
      header.value.withUnsafeBufferPointer { copy($0) }
    }
    record.key?.withUnsafeBufferPointer { copy($0) }
    record.value?.withUnsafeBufferPointer { copy($0) }
    previousTime = record.timestamp
    span += skipped + 1
    earliest = min(earliest, record.timestamp)
    latest = max(latest, record.timestamp)
  }

  private mutating func put(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      buffer[position] = UInt8(truncatingIfNeeded: rest) | 0x80
      rest >>= 7
      position += 1
    }
    buffer[position] = UInt8(rest)
    position += 1
  }

  private mutating func copy(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let source = bytes.baseAddress, let target = buffer.baseAddress else { return }
    (target + position).update(from: source, count: bytes.count)
    position += bytes.count
  }
}

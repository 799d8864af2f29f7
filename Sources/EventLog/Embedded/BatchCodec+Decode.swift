import Bytes
import Log

extension BatchCodec {
  /// Appends the records of a row at or beyond `from` to `records`. Their bytes share the row's storage.
  ///
  /// Any bytes may be given: what is not a row of `count` records within `offsets` throws, costs no more memory than
  /// the row itself, and leaves `records` as it was.
  static func decode(
    _ data: [UInt8], offsets: ClosedRange<Int64>, count: Int, from: Int64, into records: inout [StoredRecord]
  ) throws(ByteError) {
    let before = records.count
    do {
      try data.withUnsafeBufferPointer { bytes throws(ByteError) in
        var reader = RowReader(bytes, data: data)
        try reader.readAll(offsets: offsets, count: count, from: from, into: &records)
      }
    } catch {
      records.removeSubrange(before...)
      throw error
    }
  }
}

private struct RowReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let data: [UInt8]
  private var position = 0
  /// The header names of the records so far, by place: most records of a topic have the same ones.
  private var names: [(range: Range<Int>, text: String)] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>, data: [UInt8]) {
    self.bytes = bytes
    self.data = data
  }

  mutating func readAll(
    offsets: ClosedRange<Int64>, count: Int, from: Int64, into records: inout [StoredRecord]
  ) throws(ByteError) {
    guard bytes.count > 0, bytes[0] == BatchCodec.format else { throw failure("not a row of records") }
    guard count > 0, count <= bytes.count / BatchCodec.leastRecordBytes else {
      throw failure("too short for \(count) records")
    }
    position = 1
    var next = offsets.lowerBound
    var time: Int64 = 0
    for _ in 0..<count {
      let skipped = try varint()
      guard next <= offsets.upperBound, skipped <= UInt64(offsets.upperBound - next) else {
        throw failure("an offset outside of the row")
      }
      let offset = next + Int64(skipped)
      let step = try varint()
      time = time &+ (Int64(bitPattern: step >> 1) ^ -Int64(bitPattern: step & 1))
      try readRecord(to: offset >= from ? offset : nil, at: time, into: &records)
      next = offset + 1
    }
    guard position == bytes.count else { throw failure("\(bytes.count - position) bytes too many") }
  }

  /// - Parameter offset: where the record is, or `nil` to step over it.
  ///
  /// The record is put together in its place: on its way through variables its parts would be retained and released
  /// several times over, which took a third of the time of reading.
  private mutating func readRecord(
    to offset: Int64?, at time: Int64, into records: inout [StoredRecord]
  ) throws(ByteError) {
    let keyLength = try varint()
    let valueLength = try varint()
    let headers = try headers(try varint())
    let key = try optionalRange(keyLength)
    let value = try optionalRange(valueLength)
    guard let offset else { return }
    records.append(StoredRecord(offset: offset, record: Record(timestamp: time, value: nil)))
    let last = records.count - 1
    if let key { records[last].record.key = data[key] }
    if let value { records[last].record.value = data[value] }
    if !headers.isEmpty { records[last].record.headers = headers }
  }

  private mutating func headers(_ count: UInt64) throws(ByteError) -> [Header] {
    guard count > 0 else { return [] }
    guard count <= UInt64(bytes.count - position) / 2 else { throw failure("\(count) headers") }
    var headers: [Header] = []
    // A header takes many times the two bytes that it needs at least in the row.
    headers.reserveCapacity(min(Int(count), 16))
    for index in 0..<Int(count) {
      let name = try name(index)
      let value = try range(try varint())
      headers.append(Header(name, data[value]))
    }
    return headers
  }

  private mutating func name(_ index: Int) throws(ByteError) -> String {
    let range = try range(try varint())
    if index < names.count, isSame(names[index].range, range) { return names[index].text }
    guard let text = String(validating: data[range], as: UTF8.self) else {
      throw failure("a header name that is not UTF-8")
    }
    if index < names.count { names[index] = (range, text) } else { names.append((range, text)) }
    return text
  }

  private func isSame(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    guard left.count == right.count else { return false }
    for step in 0..<left.count where bytes[left.lowerBound + step] != bytes[right.lowerBound + step] { return false }
    return true
  }

  /// - Parameter length: 0 for none, else the length and one.
  private mutating func optionalRange(_ length: UInt64) throws(ByteError) -> Range<Int>? {
    length == 0 ? nil : try range(length - 1)
  }

  private mutating func range(_ length: UInt64) throws(ByteError) -> Range<Int> {
    guard length <= UInt64(bytes.count - position) else { throw failure("\(length) bytes wanted") }
    let start = position
    position += Int(length)
    return start..<position
  }

  private mutating func varint() throws(ByteError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      let low = UInt64(byte & 0x7f)
      guard shift < 63 || low <= 1 else { break }
      value |= low << shift
      if byte < 0x80 { return value }
      guard shift < 63 else { break }
      shift += 7
    }
    throw failure("an integer that is cut short or too long")
  }

  private func failure(_ reason: String) -> ByteError {
    ByteError(reason, at: position)
  }
}

import Bytes
import Log

/// Reads the bodies of frames, one after the other, and keeps count of what they held.
///
/// Any bytes may be given: what is no body throws, and costs no more memory than a small multiple of the body. After an
/// error it is of no further use.
struct FrameDecoder {
  /// No record lies beyond, so that counting on never overflows.
  static let mostOffset: Int64 = 1 << 62

  private(set) var totals: RecordingSummary

  init(places: Int) {
    totals = RecordingSummary(places: places)
  }

  /// - Parameter count: the records that the frame's head promises.
  mutating func decode(_ body: [UInt8], count: Int) throws(ByteError) -> RecordedBlock {
    let (block, content) = try body.withUnsafeBufferPointer { bytes throws(ByteError) in
      var columns = try FrameColumns(bytes)
      let runs = try columns.readRuns(count: count, places: totals.places.count)
      var records: [StoredRecord] = []
      records.reserveCapacity(count)
      var gaps = try GapColumn(columns.gaps)
      var headers = HeaderColumn(names: try columns.readNames())
      for run in runs { try read(run, &columns, &gaps, &headers, data: body, into: &records) }
      try columns.expectEnd()
      try gaps.expectEnd()
      return (RecordedBlock(records: records, runs: runs), columns.contentEnd)
    }
    totals.content = body.withUnsafeBytes {
      XXH64.hash(UnsafeRawBufferPointer(rebasing: $0[..<content]), seed: totals.content)
    }
    return block
  }

  /// Records are put together in their place: on its way through variables their parts would be retained and released several
  /// times over.
  private mutating func read(
    _ run: RecordedBlock.Run, _ columns: inout FrameColumns, _ gaps: inout GapColumn, _ headers: inout HeaderColumn,
    data: [UInt8], into records: inout [StoredRecord]
  ) throws(ByteError) {
    var next = totals.places[run.place].offsets.upperBound
    var first: Int64?
    var (earliest, latest) = (Int64.max, Int64.min)
    for index in run.range {
      if index == gaps.next { next = try gaps.skip(from: next, upTo: Self.mostOffset) }
      let time = try columns.nextTime()
      let key = try columns.nextKey()
      let value = try columns.nextValue()
      records.append(StoredRecord(offset: next, record: Record(timestamp: time, value: nil)))
      if let key { records[index].record.key = data[key] }
      if let value { records[index].record.value = data[value] }
      let count = try columns.nextHeaderCount()
      if count > 0 { records[index].record.headers = try headers.read(count, &columns, data) }
      first = first ?? next
      next += 1
      (earliest, latest) = (min(earliest, time), max(latest, time))
    }
    guard let first, next <= Self.mostOffset else { throw columns.failure("an impossible offset") }
    totals.places[run.place].note(run.range.count, offsets: first..<next, times: earliest...latest)
  }
}

/// The headers of records: most of a topic have the same names.
struct HeaderColumn {
  let names: [String]

  func read(_ count: Int, _ columns: inout FrameColumns, _ data: [UInt8]) throws(ByteError) -> [Header] {
    var headers: [Header] = []
    // A header takes many times the two bytes that it needs at least in the body.
    headers.reserveCapacity(min(count, 16))
    for _ in 0..<count {
      let (name, value) = try columns.nextHeader()
      guard name < names.count else { throw columns.failure("a header without a name") }
      headers.append(Header(names[name], data[value]))
    }
    return headers
  }
}

/// Where offsets go on elsewhere than behind the record before.
struct GapColumn {
  private var column: FrameColumn
  private var left: Int
  /// The number of the record before which offsets are skipped next.
  private(set) var next = -1

  init(_ column: FrameColumn) throws(ByteError) {
    self.column = column
    left = try self.column.count(upTo: RecordingLimits.frameRecords)
    if left > 0 { next = try self.column.count(upTo: RecordingLimits.frameRecords) }
  }

  mutating func skip(from offset: Int64, upTo most: Int64) throws(ByteError) -> Int64 {
    let skipped = try column.varint()
    guard offset <= most, skipped > 0, skipped <= UInt64(most - offset) else {
      throw column.failure("an impossible offset")
    }
    left -= 1
    next = left > 0 ? next + (try column.count(upTo: RecordingLimits.frameRecords)) : -1
    return offset + Int64(skipped)
  }

  func expectEnd() throws(ByteError) {
    guard left == 0, column.isAtEnd else { throw column.failure("offsets of records that are not there") }
  }
}

import Bytes

/// A stretch of a frame's body that is read from front to back.
struct FrameColumn {
  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var position: Int
  private let end: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    self.bytes = bytes
    (position, end) = (range.lowerBound, range.upperBound)
  }

  var isAtEnd: Bool { position == end }
  var remaining: Int { end - position }

  func failure(_ reason: String) -> ByteError { ByteError(reason, at: position) }

  @inline(__always)
  mutating func varint() throws(ByteError) -> UInt64 {
    guard position < end else { throw failure("cut short") }
    let first = bytes[position]
    position += 1
    return first < 0x80 ? UInt64(first) : try longVarint(UInt64(first & 0x7f))
  }

  private mutating func longVarint(_ low: UInt64) throws(ByteError) -> UInt64 {
    var value = low
    var shift: UInt64 = 7
    while position < end {
      let byte = bytes[position]
      position += 1
      let more = UInt64(byte & 0x7f)
      guard shift < 63 || more <= 1 else { break }
      value |= more << shift
      if byte < 0x80 { return value }
      guard shift < 63 else { break }
      shift += 7
    }
    throw failure("an integer that is cut short or too long")
  }

  mutating func count(upTo most: Int) throws(ByteError) -> Int {
    let value = try varint()
    guard value <= UInt64(most) else { throw failure("\(value), where \(most) is the most") }
    return Int(value)
  }

  /// The next so many bytes.
  @inline(__always)
  mutating func take(_ length: UInt64) throws(ByteError) -> Range<Int> {
    guard length <= UInt64(end - position) else { throw failure("\(length) bytes wanted, \(end - position) left") }
    let start = position
    position += Int(length)
    return start..<position
  }

  func text(_ range: Range<Int>) -> String? {
    String(validating: bytes[range], as: UTF8.self)
  }
}

/// The columns of a frame's body, each read in step with the others.
struct FrameColumns {
  private var runs, times, keys, values, headerCounts, headers, names, keyBytes, headerBytes, valueBytes: FrameColumn
  private var time: Int64 = 0
  private var headersLeft = RecordingLimits.frameHeaders
  /// Where the content ends.
  let contentEnd: Int
  /// What comes behind it.
  let gaps: FrameColumn

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ByteError) {
    var front = FrameColumn(bytes, 0..<bytes.count)
    var lengths: [Int] = []
    for _ in 0..<10 { lengths.append(try front.count(upTo: bytes.count)) }
    func column() throws(ByteError) -> FrameColumn {
      FrameColumn(bytes, try front.take(UInt64(lengths.removeFirst())))
    }
    (runs, times, keys, values) = (try column(), try column(), try column(), try column())
    (headerCounts, headers, names) = (try column(), try column(), try column())
    (keyBytes, headerBytes, valueBytes) = (try column(), try column(), try column())
    contentEnd = front.position
    gaps = FrameColumn(bytes, contentEnd..<bytes.count)
  }

  func failure(_ reason: String) -> ByteError { times.failure(reason) }

  mutating func readRuns(count: Int, places: Int) throws(ByteError) -> [RecordedBlock.Run] {
    var found: [RecordedBlock.Run] = []
    var end = 0
    while !runs.isAtEnd {
      let place = try runs.count(upTo: places - 1)
      let length = try runs.count(upTo: count - end)
      guard length > 0 else { throw runs.failure("a run of no records") }
      found.append(RecordedBlock.Run(place: place, range: end..<end + length))
      end += length
    }
    guard end == count, count > 0 else { throw runs.failure("\(end) records, where \(count) were promised") }
    return found
  }

  mutating func readNames() throws(ByteError) -> [String] {
    var found: [String] = []
    while !names.isAtEnd {
      guard found.count < RecordingLimits.frameHeaders else { throw names.failure("more header names than headers") }
      guard let name = names.text(try names.take(try names.varint())) else {
        throw names.failure("a header name that is not UTF-8")
      }
      found.append(name)
    }
    return found
  }

  @inline(__always)
  mutating func nextTime() throws(ByteError) -> Int64 {
    let step = try times.varint()
    time = time &+ (Int64(bitPattern: step >> 1) ^ -Int64(bitPattern: step & 1))
    return time
  }

  @inline(__always)
  mutating func nextKey() throws(ByteError) -> Range<Int>? {
    let length = try keys.varint()
    return length == 0 ? nil : try keyBytes.take(length - 1)
  }

  @inline(__always)
  mutating func nextValue() throws(ByteError) -> Range<Int>? {
    let length = try values.varint()
    return length == 0 ? nil : try valueBytes.take(length - 1)
  }

  @inline(__always)
  mutating func nextHeaderCount() throws(ByteError) -> Int {
    // A header takes two bytes at least.
    let count = try headerCounts.count(upTo: min(headers.remaining / 2, RecordingLimits.recordHeaders, headersLeft))
    headersLeft -= count
    return count
  }

  mutating func nextHeader() throws(ByteError) -> (name: Int, value: Range<Int>) {
    (try headers.count(upTo: Int.max), try headerBytes.take(try headers.varint()))
  }

  func expectEnd() throws(ByteError) {
    for column in [times, keys, values, headerCounts, headers, keyBytes, headerBytes, valueBytes] {
      guard column.isAtEnd else { throw column.failure("more than the records take") }
    }
  }
}

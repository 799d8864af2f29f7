import Bytes
import Log

/// Gathers records into the body of a frame, column by column.
struct FrameEncoder {
  private(set) var count = 0
  /// Bytes of content so far; offsets do not count.
  private(set) var size = 0
  private var runs = ByteWriter(reserving: 1 << 12)
  private var run: (place: Int, count: Int) = (0, 0)
  private var times = ByteWriter(reserving: 1 << 14)
  private var lastTime: Int64 = 0
  private var keys = ByteWriter(reserving: 1 << 13)
  private var values = ByteWriter(reserving: 1 << 13)
  private var headerCounts = ByteWriter(reserving: 1 << 12)
  private var headers = ByteWriter()
  private var names = ByteWriter()
  private var numbers: [String: Int] = [:]
  private var keyBytes = ByteWriter(reserving: 1 << 16)
  private var headerBytes = ByteWriter()
  private var valueBytes = ByteWriter(reserving: RecordingLimits.frameBytes + 1 << 16)
  private var gaps = ByteWriter()
  private var gapCount = 0
  private var sinceGap = 0

  var isFull: Bool { size >= RecordingLimits.frameBytes || count == RecordingLimits.frameRecords }

  /// - Parameter skipped: offsets between this record and the one before of its place.
  mutating func append(_ record: Record, place: Int, skipped: Int64) {
    if run.count > 0, run.place != place { closeRun() }
    run = (place, run.count + 1)
    let step = record.timestamp &- lastTime
    lastTime = record.timestamp
    times.append(varint: UInt64(bitPattern: (step &<< 1) ^ (step >> 63)))
    keys.append(count: record.key.map { $0.count + 1 } ?? 0)
    values.append(count: record.value.map { $0.count + 1 } ?? 0)
    headerCounts.append(count: record.headers.count)
    for header in record.headers { append(header) }
    if let key = record.key { keyBytes.append(raw: key) }
    if let value = record.value { valueBytes.append(raw: value) }
    if skipped > 0 {
      gaps.append(count: sinceGap)
      gaps.append(varint: UInt64(skipped))
      gapCount += 1
      sinceGap = 0
    }
    sinceGap += 1
    count += 1
    size = runs.bytes.count + times.bytes.count + keys.bytes.count + values.bytes.count + headerCounts.bytes.count
    size += headers.bytes.count + names.bytes.count + keyBytes.bytes.count + headerBytes.bytes.count
    size += valueBytes.bytes.count
  }

  private mutating func append(_ header: Header) {
    var number = numbers.count
    if let known = numbers[header.name] {
      number = known
    } else {
      numbers[header.name] = number
      names.append(header.name)
    }
    headers.append(count: number)
    headers.append(count: header.value.count)
    headerBytes.append(raw: header.value)
  }

  private mutating func closeRun() {
    guard run.count > 0 else { return }
    runs.append(count: run.place)
    runs.append(count: run.count)
    run.count = 0
  }

  /// Hands over what there is, and begins anew.
  ///
  /// - Returns: the body, whose first `content` bytes are its content.
  mutating func take() -> (body: [UInt8], content: Int) {
    closeRun()
    let columns = [runs, times, keys, values, headerCounts, headers, names, keyBytes, headerBytes, valueBytes]
    var body = ByteWriter(reserving: size + 64 + gaps.bytes.count)
    for column in columns { body.append(count: column.bytes.count) }
    for column in columns { body.append(raw: column.bytes) }
    let content = body.bytes.count
    body.append(count: gapCount)
    body.append(raw: gaps.bytes)
    self = FrameEncoder()
    return (body.bytes, content)
  }
}

import Bytes
import Log

/// A row as it was read, not yet checked.
struct RawRow {
  let base: Int64
  let last: Int64
  let count: Int64
  let seal: Int64
  /// The greatest timestamp up to and with this row.
  let latest: Int64
  let data: [UInt8]

  /// How many records the row says it has, within what a row may have.
  var plausibleCount: Int { Int(max(0, min(count, Int64(EmbeddedLogLimits.rowRecords)))) }

  /// Appends the row's records at or beyond `from`.
  /// - Returns: what is wrong with it, if anything.
  func decode(at place: Place, from: Int64, into records: inout [StoredRecord]) -> String? {
    let sealed = BatchCodec.seal(XXH64.hash(data), tp: place.tp, base: base, last: last, count: count)
    guard sealed == seal else { return "its checksum does not match" }
    guard base >= 0, base <= last else { return "its offsets contradict each other" }
    do throws(ByteError) {
      try BatchCodec.decode(data, offsets: base...last, count: Int(count), from: from, into: &records)
      return nil
    } catch {
      return error.description
    }
  }
}

extension Store {
  /// Records from `offset` on, as `LogReader.read` promises them, and the bytes of the rows that hold them.
  func fetch(
    _ partition: TopicPartition, from offset: Int64, limit: ReadLimit
  ) throws(LogError) -> (fetch: Fetch, bytes: Int) {
    let place = try place(of: partition)
    var records: [StoredRecord] = []
    var next = offset
    var end = offset
    var bytes = 0
    repeat {
      let rest = ReadLimit(records: limit.records - records.count, bytes: limit.bytes - bytes)
      let (bounds, rows) = try read { () throws(LogError) -> (Range<Int64>, [RawRow]) in
        let bounds = try self.bounds(of: place)
        try check(next, within: bounds, of: partition)
        guard next < bounds.upperBound else { return (bounds, []) }
        return (bounds, try self.rows(of: place, from: next, limit: rest))
      }
      end = bounds.upperBound
      if rows.isEmpty {
        next = end
        break
      }
      if records.isEmpty { records.reserveCapacity(rows.reduce(0) { $0 + $1.plausibleCount }) }
      for row in rows {
        if let fault = row.decode(at: place, from: next, into: &records) {
          if !records.isEmpty { return (Fetch(partition: partition, records: records, next: next, end: end), bytes) }
          throw damage(partition, next..<row.last + 1, fault)
        }
        next = row.last + 1
        bytes += row.data.count
      }
    } while next < end && records.count < limit.records && bytes < limit.bytes
    return (Fetch(partition: partition, records: records, next: next, end: end), bytes)
  }

  /// Rows from `offset` on within a transaction: at least one if there is any, and not many more than the limit asks.
  func rows(of place: Place, from offset: Int64, limit: ReadLimit) throws(LogError) -> [RawRow] {
    let query = try statement(.readRows)
    query.bind(1, place.id(offset))
    query.bind(2, place.endID)
    query.bind(3, Int64(EmbeddedLogLimits.rowsPerRead))
    defer { query.reset() }
    var rows: [RawRow] = []
    var (records, bytes) = (0, 0)
    while records < limit.records, bytes < limit.bytes || rows.isEmpty, try query.next() {
      let row = RawRow(
        base: query.integer(1), last: Place.offset(of: query.integer(0)), count: query.integer(2),
        seal: query.integer(3), latest: query.integer(4), data: query.bytes(5))
      records += row.plausibleCount
      bytes += row.data.count
      rows.append(row)
    }
    return rows
  }

  /// Whether there is a record at or beyond `offset`.
  func hasRow(_ place: Place, from offset: Int64) throws(LogError) -> Bool {
    let query = try statement(.hasRow)
    query.bind(1, place.id(offset))
    query.bind(2, place.endID)
    defer { query.reset() }
    return try query.next()
  }

  func bounds(of partition: TopicPartition) throws(LogError) -> Range<Int64> {
    let place = try place(of: partition)
    return try use { () throws(LogError) -> Range<Int64> in try bounds(of: place) }
  }

  func offset(in partition: TopicPartition, atOrAfter time: Int64) throws(LogError) -> Int64 {
    let place = try place(of: partition)
    let (bounds, row) = try read { () throws(LogError) -> (Range<Int64>, RawRow?) in
      let bounds = try self.bounds(of: place)
      let query = try statement(.rowAtTime)
      query.bind(1, place.tp)
      query.bind(2, time)
      let last = try query.next() ? Place.offset(of: query.integer(0)) : nil
      query.reset()
      guard let last else { return (bounds, nil) }
      return (bounds, try self.rows(of: place, from: last, limit: ReadLimit(records: 1, bytes: 1)).first)
    }
    guard let row else { return bounds.upperBound }
    var records: [StoredRecord] = []
    // A damaged row is for the reader to report: it starts at the first offset that could be concerned.
    guard row.decode(at: place, from: 0, into: &records) == nil else {
      return min(max(row.base, bounds.lowerBound), max(row.last, bounds.lowerBound))
    }
    return records.first { $0.record.timestamp >= time }?.offset ?? row.base
  }

  private func check(_ offset: Int64, within bounds: Range<Int64>, of partition: TopicPartition) throws(LogError) {
    if offset < bounds.lowerBound {
      throw LogError(
        .offsetOutOfRange,
        "\(partition) starts at offset \(bounds.lowerBound); \(offset) is gone. Read on from \(bounds.lowerBound).",
        partition: partition, offsets: min(offset, bounds.lowerBound)..<bounds.lowerBound)
    }
    if offset > bounds.upperBound {
      throw LogError(
        .offsetOutOfRange,
        "\(partition) ends at offset \(bounds.upperBound), before \(offset). Is this the log that was read before?",
        partition: partition)
    }
  }

  private func damage(_ partition: TopicPartition, _ offsets: Range<Int64>, _ fault: String) -> LogError {
    LogError(
      .damaged,
      "\(files.database): offsets \(offsets.lowerBound) to \(offsets.upperBound - 1) of \(partition) cannot be read, "
        + "\(fault). Restore the file from a copy, or read on from \(offsets.upperBound).",
      partition: partition, offsets: offsets)
  }
}

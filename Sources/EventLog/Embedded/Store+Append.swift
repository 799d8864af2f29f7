import Log

extension Store {
  /// Appends one batch within a write transaction.
  /// - Returns: the offset of its first record.
  func append(_ batch: PreparedBatch) throws(LogError) -> Int64 {
    let place = batch.place
    var (next, latest) = try end(of: place)
    let base = next
    guard !batch.rows.isEmpty else { return base }
    guard next < EmbeddedLogLimits.offsets - Int64(batch.count) else {
      throw LogError(.tooLarge, "\(batch.partition) has used up its offsets. Use more partitions in a new topic.")
    }
    var bytes = 0
    for row in batch.rows {
      latest = max(latest, row.latest)
      try insert(row, at: place, base: next, last: next + row.span - 1, latest: latest)
      next += row.span
      bytes += row.data.count
    }
    let advance = try statement(.advance)
    advance.bind(1, place.tp)
    advance.bind(2, next)
    advance.bind(3, latest)
    advance.bind(4, Int64(bytes))
    try advance.run()
    return base
  }

  /// - Parameter last: the last offset that the row covers, which may be one that compaction has emptied.
  func insert(_ row: EncodedRow, at place: Place, base: Int64, last: Int64, latest: Int64) throws(LogError) {
    let insert = try statement(.insertRow)
    insert.bind(1, place.id(last))
    insert.bind(2, place.tp)
    insert.bind(3, base)
    insert.bind(4, Int64(row.count))
    insert.bind(5, row.earliest)
    insert.bind(6, row.latest)
    insert.bind(7, latest)
    let seal = BatchCodec.seal(row.checksum, tp: place.tp, base: base, last: last, count: Int64(row.count))
    insert.bind(8, seal)
    try insert.run(9, data: row.data)
  }

  private func end(of place: Place) throws(LogError) -> (next: Int64, latest: Int64) {
    let query = try statement(.bounds)
    query.bind(1, place.tp)
    defer { query.reset() }
    guard try query.next() else { throw missing(place) }
    return (query.integer(1), query.integer(2))
  }

  /// First retained offset and next offset, within a transaction.
  func bounds(of place: Place) throws(LogError) -> Range<Int64> {
    let query = try statement(.bounds)
    query.bind(1, place.tp)
    defer { query.reset() }
    guard try query.next(), query.integer(0) >= 0, query.integer(0) <= query.integer(1) else { throw missing(place) }
    return query.integer(0)..<query.integer(1)
  }

  private func missing(_ place: Place) -> LogError {
    LogError(.damaged, "\(files.database) has lost the counters of partition \(place.tp). Restore it from a copy.")
  }
}

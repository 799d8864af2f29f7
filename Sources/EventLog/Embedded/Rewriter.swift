import GRDB
import Log

/// Replaces runs of neighbouring rows by fewer ones that hold what is kept of them, one transaction for each run.
struct Rewriter {
  private let maintenance: Maintenance
  private let place: Place
  /// Rows that lie further apart than this are not put together, as retention deletes whole rows.
  private let mostTime: Int64
  private var kept: [StoredRecord] = []
  private var keptBytes = 0
  private var sources = 0
  private var sourceBytes = 0
  private var first: Int64 = 0
  private var last: Int64 = 0
  private var firstTime = Int64.min
  private var latest = Int64.min
  private var isChanged = false

  init(_ maintenance: Maintenance, _ partition: PartitionUpkeep) {
    self.maintenance = maintenance
    place = partition.place
    mostTime = partition.retention.milliseconds.map { $0 / 10 } ?? .max
  }

  /// Takes the next row with those of its records that are kept.
  mutating func take(_ row: RawRow, keeping records: [StoredRecord]) throws(LogError) {
    let dropped = Int64(records.count) < row.count
    let isSmall =
      row.data.count < EmbeddedLogLimits.smallRowBytes && row.count < Int64(EmbeddedLogLimits.smallRowRecords)
    guard dropped || isSmall else { return try finish() }
    if sources > 0, row.latest.subtractingReportingOverflow(firstTime).partialValue > mostTime { try finish() }
    if sources == 0 { (first, firstTime) = (row.last, row.latest) }
    kept += records
    // What is dropped counts in full here, which only ends a run early.
    keptBytes += dropped ? records.reduce(0) { $0 + BatchCodec.contentBytes(of: $1.record) } : row.data.count
    sources += 1
    sourceBytes += row.data.count
    last = row.last
    latest = row.latest
    isChanged = isChanged || dropped
    let isFull = keptBytes >= EmbeddedLogLimits.rowBytes / 4 * 3 || kept.count >= EmbeddedLogLimits.rowRecords / 4 * 3
    if isFull || sources >= EmbeddedLogLimits.rowsPerStep || sourceBytes >= EmbeddedLogLimits.bytesPerStep {
      try finish()
    }
  }

  /// Writes what has been taken, where that is worth a transaction.
  mutating func finish(atLeast rows: Int = 2) throws(LogError) {
    defer { clear() }
    guard isChanged || sources >= rows else { return }
    let replacements = BatchCodec.rows(stored: kept)
    let (place, first, last, latest) = (place, first, last, latest)
    let growth = replacements.reduce(0) { $0 + $1.row.data.count } - sourceBytes
    let store = maintenance.store
    try maintenance.step { () throws(LogError) in
      try store.execute("DELETE FROM batch WHERE id >= ? AND id <= ?", [place.id(first), place.id(last)])
      for (index, replacement) in replacements.enumerated() {
        // The last row covers the offsets up to the end of the run, whether or not they still have records.
        let end = index == replacements.count - 1 ? last : replacement.base + replacement.row.span - 1
        try store.insert(replacement.row, at: place, base: replacement.base, last: end, latest: latest)
      }
      try store.execute("UPDATE part SET bytes = bytes + ? WHERE tp = ?", [growth, place.tp])
    }
  }

  /// How many rows have been taken since the last transaction.
  var waiting: Int { sources }

  private mutating func clear() {
    kept.removeAll(keepingCapacity: true)
    (keptBytes, sources, sourceBytes, isChanged) = (0, 0, 0, false)
  }
}

extension Maintenance {
  /// Puts small neighbouring rows together: producers that append a few records at a time leave them behind.
  func merge(_ partition: PartitionUpkeep) throws(LogError) {
    let place = partition.place
    let progress = try progress(of: place)
    guard try countRows(place, from: progress.merged) >= EmbeddedLogLimits.smallRows else { return }
    var rewriter = Rewriter(self, partition)
    var position = progress.merged
    var done = position
    while let rows = try nextRows(place, from: position, to: progress.end) {
      for row in rows {
        position = row.last + 1
        var records: [StoredRecord] = []
        if row.decode(at: place, from: 0, into: &records) == nil {
          try rewriter.take(row, keeping: records)
        } else {
          try rewriter.finish()
        }
        if rewriter.waiting == 0 { done = position }
      }
    }
    // A few rows at the end wait for more to come.
    if rewriter.waiting >= EmbeddedLogLimits.smallRows {
      try rewriter.finish()
      done = position
    }
    guard done != progress.merged else { return }
    try step { () throws(LogError) in
      try store.execute("UPDATE part SET merged_off = ? WHERE tp = ?", [done, place.tp])
    }
  }

  private func countRows(_ place: Place, from offset: Int64) throws(LogError) -> Int {
    var count = 0
    let sql = "SELECT 1 FROM batch WHERE id >= ?1 AND id < ?2 LIMIT ?3"
    try store.use { () throws(LogError) in
      let arguments = [place.id(offset), place.endID, Int64(EmbeddedLogLimits.smallRows)]
      try store.each(sql, arguments) { _ throws(LogError) in count += 1 }
    }
    return count
  }

  /// The rows from `offset` on that begin below `end`, or `nil` where there are none.
  func nextRows(_ place: Place, from offset: Int64, to end: Int64) throws(LogError) -> [RawRow]? {
    guard offset < end else { return nil }
    let limit = ReadLimit(records: .max, bytes: EmbeddedLogLimits.bytesPerStep)
    let rows = try store.read { () throws(LogError) -> [RawRow] in
      try store.rows(of: place, from: offset, limit: limit)
    }
    let wanted = rows.filter { $0.last < end }
    return wanted.isEmpty ? nil : wanted
  }
}

import Bytes
import GRDB
import Log

/// The newest offset of each key in the part of a partition that has not been cleaned, as far as memory allows.
///
/// Keys are held whole: two keys with the same hash must never be taken for one.
private struct NewestOffsets {
  private var offsets: [ByteSlice: Int64] = [:]
  private(set) var bytes = 0

  mutating func note(_ record: StoredRecord) {
    guard let key = record.record.key else { return }
    if let index = offsets.index(forKey: key) {
      offsets.values[index] = record.offset
    } else {
      // A copy, as the slice would keep its whole row in memory.
      offsets[Array(key)[...]] = record.offset
      bytes += key.count + 64
    }
  }

  /// Whether no record of the same key is newer.
  func isNewest(_ record: StoredRecord) -> Bool {
    guard let key = record.record.key, let newest = offsets[key] else { return true }
    return newest <= record.offset
  }
}

extension Maintenance {
  /// Leaves the newest record of each key, in two passes: the first finds it, the second rewrites the rows that hold
  /// others. Tombstones go once they are a day old. What cannot be read is left alone.
  func compact(_ partition: PartitionUpkeep) throws(LogError) {
    let place = partition.place
    var progress = try progress(of: place)
    guard try isDue(place, progress) else { return }
    repeat {
      let (newest, end) = try newestOffsets(place, progress)
      let tombstone = try clean(partition, from: progress.start, to: end, newest)
      try step { () throws(LogError) in
        try store.execute(
          "UPDATE part SET clean_off = ?, tombstone_ts = ? WHERE tp = ?", [end, tombstone, place.tp])
      }
      progress.clean = end
    } while progress.clean < progress.end
  }

  private func isDue(_ place: Place, _ progress: PartitionProgress) throws(LogError) -> Bool {
    if let tombstone = progress.tombstone, tombstone < oldestTombstone { return true }
    guard progress.clean < progress.end else { return false }
    if progress.bytes < EmbeddedLogLimits.compactAlwaysBytes { return true }
    var added: Int64 = 0
    let sql = "SELECT coalesce(sum(length(data)), 0) FROM batch WHERE id >= ?1 AND id < ?2"
    try store.use { () throws(LogError) in
      try store.each(sql, [place.id(progress.clean), place.endID]) { row throws(LogError) in added = row.integer(0) }
    }
    return added >= progress.bytes / 2
  }

  private var oldestTombstone: Int64 {
    now.subtractingReportingOverflow(EmbeddedLogLimits.tombstoneMilliseconds).partialValue
  }

  private func newestOffsets(
    _ place: Place, _ progress: PartitionProgress
  ) throws(LogError) -> (NewestOffsets, end: Int64) {
    var newest = NewestOffsets()
    var position = progress.clean
    while newest.bytes < EmbeddedLogLimits.compactionKeyBytes,
      let rows = try nextRows(place, from: position, to: progress.end)
    {
      for row in rows {
        var records: [StoredRecord] = []
        if row.decode(at: place, from: 0, into: &records) == nil { records.forEach { newest.note($0) } }
        position = row.last + 1
      }
    }
    return (newest, newest.bytes < EmbeddedLogLimits.compactionKeyBytes ? progress.end : position)
  }

  /// - Returns: the timestamp of the oldest tombstone that stays.
  private func clean(
    _ partition: PartitionUpkeep, from start: Int64, to end: Int64, _ newest: NewestOffsets
  ) throws(LogError) -> Int64? {
    let place = partition.place
    var rewriter = Rewriter(self, partition)
    var position = start
    var oldest: Int64?
    while let rows = try nextRows(place, from: position, to: end) {
      for row in rows {
        position = row.last + 1
        var records: [StoredRecord] = []
        guard row.decode(at: place, from: 0, into: &records) == nil else {
          try rewriter.finish()
          continue
        }
        let kept = records.filter { isKept($0, newest) }
        for record in kept where record.record.value == nil {
          oldest = min(oldest ?? .max, record.record.timestamp)
        }
        try rewriter.take(row, keeping: kept)
      }
    }
    try rewriter.finish()
    return oldest
  }

  private func isKept(_ record: StoredRecord, _ newest: NewestOffsets) -> Bool {
    guard newest.isNewest(record) else { return false }
    return record.record.value != nil || record.record.timestamp >= oldestTombstone
  }
}

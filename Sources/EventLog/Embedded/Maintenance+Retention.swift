import GRDB
import Log

extension Maintenance {
  /// Deletes whole rows at the front for as long as the retention rule lets go of them.
  func retain(_ partition: PartitionUpkeep) throws(LogError) {
    guard partition.retention != .forever else { return }
    while let cut = try cut(of: partition) {
      let place = partition.place
      try step { () throws(LogError) in
        try store.execute(
          "DELETE FROM batch WHERE id >= ? AND id <= ?", [place.id(0), place.id(cut.last)])
        try store.execute(
          "UPDATE part SET start_off = ?, bytes = bytes - ? WHERE tp = ?", [cut.last + 1, cut.bytes, place.tp])
      }
    }
  }

  private struct Cut {
    let last: Int64
    let bytes: Int64
  }

  /// The rows that may go next. Only maintenance removes rows, and it holds its lock, so the answer stays right.
  private func cut(of partition: PartitionUpkeep) throws(LogError) -> Cut? {
    let place = partition.place
    let held = try progress(of: place).bytes
    let oldest = partition.retention.milliseconds.map { age in
      let (oldest, overflow) = ageEnd.subtractingReportingOverflow(age)
      return overflow ? .min : oldest
    }
    let most = partition.retention.bytes
    var last: Int64?
    var bytes: Int64 = 0
    var isOver = false
    let sql = "SELECT id, max_ts, length(data) FROM batch WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3"
    try store.use { () throws(LogError) in
      let arguments = [place.id(0), place.endID, Int64(EmbeddedLogLimits.rowsPerStep)]
      try store.each(sql, arguments) { row throws(LogError) in
        let size = row.integer(2)
        let isOld = oldest.map { row.integer(1) < $0 } ?? false
        let isMuch = most.map { held - bytes - size >= $0 } ?? false
        isOver = isOver || !(isOld || isMuch)
        guard !isOver else { return }
        last = Place.offset(of: row.integer(0))
        bytes += size
      }
    }
    return last.map { Cut(last: $0, bytes: bytes) }
  }
}

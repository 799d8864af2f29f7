import GRDB
import Log

/// Retention, compaction and merging, in transactions of bounded size. One process does it at a time; where another
/// one is at it, there is nothing to do.
struct Maintenance {
  let store: Store
  let now: Int64
  /// What ages count from.
  let ageEnd: Int64

  static func run(_ files: LogFiles, _ options: EmbeddedLogOptions, now: Int64, workedOff: Int64) throws(LogError) {
    let lock = try FileLock(files.maintenance, in: files)
    guard lock.tryLock() else { return }
    defer { lock.unlock() }
    let ballast = Ballast(path: files.ballast)
    do throws(LogError) {
      try runOnce(files, options, now: now, ageEnd: min(now, workedOff))
    } catch {
      // Deleting, too, writes to the disk before it frees any of it.
      guard error.code == .diskFull, ballast.exists else { throw error }
      ballast.drop()
      try runOnce(files, options, now: now, ageEnd: min(now, workedOff))
    }
    ballast.load()
  }

  private static func runOnce(
    _ files: LogFiles, _ options: EmbeddedLogOptions, now: Int64, ageEnd: Int64
  ) throws(LogError) {
    let store = try Store(files, options)
    defer { store.close() }
    let maintenance = Maintenance(store: store, now: now, ageEnd: ageEnd)
    for partition in try maintenance.partitions() {
      try maintenance.retain(partition)
      if partition.place.compacted {
        try maintenance.compact(partition)
      } else {
        try maintenance.merge(partition)
      }
    }
    try maintenance.forgetProducers()
    try maintenance.shrink()
  }

  /// One transaction, and a moment for the others to take their turn.
  func step<T>(_ body: () throws(LogError) -> T) throws(LogError) -> T {
    let value = try store.write(body)
    SystemCalls.sleep(microseconds: 200)
    return value
  }

  private func partitions() throws(LogError) -> [PartitionUpkeep] {
    var partitions: [PartitionUpkeep] = []
    let sql = """
      SELECT part.tp, topic.compacted, topic.retain_ms, topic.retain_bytes FROM part
      JOIN topic ON topic.id = part.topic ORDER BY part.tp
      """
    try store.use { () throws(LogError) in
      try store.each(sql) { row throws(LogError) in
        partitions.append(
          PartitionUpkeep(
            place: Place(tp: row.integer(0), compacted: row.integer(1) != 0),
            retention: Retention(milliseconds: row.optionalInteger(2), bytes: row.optionalInteger(3))))
      }
    }
    return partitions
  }

  func progress(of place: Place) throws(LogError) -> PartitionProgress {
    var progress = PartitionProgress()
    let sql = "SELECT start_off, next_off, bytes, clean_off, merged_off, tombstone_ts FROM part WHERE tp = ?1"
    try store.use { () throws(LogError) in
      try store.each(sql, [place.tp]) { row throws(LogError) in
        progress.start = row.integer(0)
        progress.end = row.integer(1)
        progress.bytes = row.integer(2)
        progress.clean = max(row.integer(3), row.integer(0))
        progress.merged = max(row.integer(4), row.integer(0))
        progress.tombstone = row.optionalInteger(5)
      }
    }
    return progress
  }

  /// Forgets named producers that have been idle for long, by the time that maintenance is told.
  private func forgetProducers() throws(LogError) {
    var due = false
    let deadline = now.subtractingReportingOverflow(EmbeddedLogLimits.producerIdleMilliseconds).partialValue
    try store.use { () throws(LogError) in
      let sql = "SELECT 1 FROM sequence WHERE idle_since IS NULL OR idle_since < ?1 LIMIT 1"
      try store.each(sql, [deadline]) { _ throws(LogError) in due = true }
    }
    guard due else { return }
    try step { () throws(LogError) in
      try store.execute("UPDATE sequence SET idle_since = ? WHERE idle_since IS NULL", [now])
      try store.execute("DELETE FROM sequence WHERE idle_since < ?", [deadline])
      try store.execute(
        """
        DELETE FROM sequence WHERE producer IN (
          SELECT producer FROM sequence GROUP BY producer ORDER BY max(idle_since) DESC, producer LIMIT -1 OFFSET ?)
        """, [EmbeddedLogLimits.producers])
    }
  }

  /// Gives pages back to the disk where much of the file is free; what is left free is used again.
  private func shrink() throws(LogError) {
    while true {
      var (free, pages): (Int64, Int64) = (0, 0)
      try store.use { () throws(LogError) in
        try store.each("PRAGMA freelist_count") { row throws(LogError) in free = row.integer(0) }
        try store.each("PRAGMA page_count") { row throws(LogError) in pages = row.integer(0) }
      }
      guard free > max(4_096, pages / 4) else { return }
      try step { () throws(LogError) in
        try store.each("PRAGMA incremental_vacuum(256)") { _ throws(LogError) in }
      }
    }
  }
}

/// What maintenance has to know of a partition.
struct PartitionUpkeep {
  let place: Place
  let retention: Retention
}

/// How far maintenance has come with a partition.
struct PartitionProgress {
  var start: Int64 = 0
  var end: Int64 = 0
  var bytes: Int64 = 0
  /// Below it, each key has one record.
  var clean: Int64 = 0
  /// Below it, no row is worth merging.
  var merged: Int64 = 0
  /// Timestamp of the oldest tombstone that compaction has left in place.
  var tombstone: Int64?
}

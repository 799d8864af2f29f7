import GRDB
import Log

/// The tables of a log file, and how a file is recognised, created and brought up to date.
enum Schema {
  /// "Leew" in ASCII, in the file's header.
  static let applicationID = 0x4C65_6577
  /// The newest format that this build reads and writes.
  static let version = 1
  /// Bytes of a SQLite database of a single page of the smallest size.
  private static let smallestDatabase = 512

  /// What a file is, as far as its header tells.
  enum Finding: Equatable {
    case empty
    case log(version: Int)
    /// Whoever wrote to it last was killed before its journal was gone: only who may write can undo that and look.
    case brokenOff
  }

  /// Looks at an existing file without writing to it.
  static func examine(_ files: LogFiles) throws(LogError) -> Finding {
    guard let size = SystemCalls.size(of: files.database), size > 0 else { return .empty }
    // SQLite itself takes a file of a byte or two for an empty database and would write over it.
    guard size >= smallestDatabase else {
      throw LogError(.notALog, "\(files.database) is not a log: it has \(size) bytes. Name another file.")
    }
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(5)
      let queue = try DatabaseQueue(path: files.database, configuration: configuration)
      let finding = Result { try queue.writeWithoutTransaction { db in try examine(db, files) } }
      try queue.close()
      return try finding.get()
    } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK {
      return .brokenOff
    } catch {
      throw SQLiteFailure.error(error, "open", files.database)
    }
  }

  static func examine(_ db: Database, _ files: LogFiles) throws -> Finding {
    let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    if application == applicationID {
      guard found <= version else {
        throw LogError(
          .newerFormat,
          "\(files.database) has log format \(found); this build knows \(version). Use a newer build; nothing was changed."
        )
      }
      return .log(version: found)
    }
    let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    guard application == 0, found == 0, tables == 0 else {
      throw LogError(
        .notALog, "\(files.database) is a SQLite database of another program, not a log. Name another file.")
    }
    return .empty
  }

  /// Creates what is missing, up to the newest format. The caller holds the turn.
  static func migrate(_ files: LogFiles, _ options: EmbeddedLogOptions) throws(LogError) {
    do {
      let queue = try DatabaseQueue(path: files.database, configuration: configuration(options))
      let done = Result {
        try queue.writeWithoutTransaction { db in
          guard try examine(db, files) == .empty else { return }
          // Both must be chosen before the first table, and auto_vacuum before the journal mode.
          try db.execute(sql: "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL")
          try db.inTransaction(.immediate) {
            try db.execute(sql: tables)
            try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
            return .commit
          }
        }
      }
      try queue.close()
      try done.get()
    } catch {
      throw SQLiteFailure.error(error, "open", files.database)
    }
  }

  static func configuration(_ options: EmbeddedLogOptions) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.foreignKeysEnabled = false
    // A rollback that a broken disk refuses must end in an error, not in a trap.
    configuration.allowsUnsafeTransactions = true
    let synchronous = options.durability == .full ? "FULL" : "NORMAL"
    let maxPages = options.maxPages
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA synchronous = \(synchronous)")
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 1000")
      // Some distributions build SQLite with it on, which makes deletions many times slower.
      try db.execute(sql: "PRAGMA secure_delete = OFF")
      if let maxPages { try db.execute(sql: "PRAGMA max_page_count = \(maxPages)") }
    }
    return configuration
  }

  /// A row of `batch` is a run of records; its id is the partition's number above, and below it the last offset that
  /// it covers. `run_ts` is the greatest timestamp up to and with it in its partition, so that looking up a time is
  /// one step in an index although timestamps are out of order. Offsets come from `part.next_off`: those of the rows
  /// left over would be given out again after retention.
  private static let tables = """
    CREATE TABLE topic(
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL, compacted INTEGER NOT NULL,
      retain_ms INTEGER, retain_bytes INTEGER);
    CREATE TABLE part(
      tp INTEGER PRIMARY KEY, topic INTEGER NOT NULL, num INTEGER NOT NULL,
      start_off INTEGER NOT NULL DEFAULT 0, next_off INTEGER NOT NULL DEFAULT 0,
      run_ts INTEGER NOT NULL DEFAULT -9223372036854775808, bytes INTEGER NOT NULL DEFAULT 0,
      clean_off INTEGER NOT NULL DEFAULT 0, merged_off INTEGER NOT NULL DEFAULT 0, tombstone_ts INTEGER,
      UNIQUE(topic, num));
    CREATE TABLE batch(
      id INTEGER PRIMARY KEY, tp INTEGER NOT NULL, base INTEGER NOT NULL, cnt INTEGER NOT NULL,
      min_ts INTEGER NOT NULL, max_ts INTEGER NOT NULL, run_ts INTEGER NOT NULL, sum INTEGER NOT NULL,
      data BLOB NOT NULL);
    CREATE INDEX batch_time ON batch(tp, run_ts);
    CREATE TABLE committed(
      name TEXT NOT NULL, tp INTEGER NOT NULL, off INTEGER NOT NULL, PRIMARY KEY(name, tp)) WITHOUT ROWID;
    CREATE TABLE owner(
      name TEXT PRIMARY KEY, epoch INTEGER NOT NULL, member TEXT NOT NULL, host TEXT NOT NULL,
      pid INTEGER NOT NULL, since_ms INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE sequence(
      producer TEXT NOT NULL, tp INTEGER NOT NULL, next INTEGER NOT NULL, recent BLOB NOT NULL,
      idle_since INTEGER, PRIMARY KEY(producer, tp)) WITHOUT ROWID;
    """
}

import GRDB
import GRDBSQLite
import Log

/// One connection to a log file with its prepared statements, its turn and its bell: what stands behind each handle.
/// It is used by one thread at a time.
final class Store {
  let files: LogFiles
  let options: EmbeddedLogOptions
  private let turn: FileLock
  private let bell: Bell
  private let queue: DatabaseQueue
  /// SQLite's own handle; used on `queue` alone.
  private let connection: OpaquePointer
  private var statements = [Statement?](repeating: nil, count: Query.allCases.count)
  private var places: [TopicPartition: Place] = [:]
  private var walLimit = Int64(EmbeddedLogLimits.walBytes)
  private(set) var isOpen = true

  init(_ files: LogFiles, _ options: EmbeddedLogOptions) throws(LogError) {
    self.files = files
    self.options = options
    guard SystemCalls.size(of: files.database) != nil else {
      throw LogError(.unavailable, "The log \(files.database) has been removed. Open it again to start a new one.")
    }
    turn = try FileLock(files.turn, in: files)
    bell = try Bell(files)
    do {
      queue = try DatabaseQueue(path: files.database, configuration: Schema.configuration(options))
    } catch {
      throw SQLiteFailure.error(error, "open", files.database)
    }
    guard let connection = queue.writeWithoutTransaction({ $0.sqliteConnection }) else {
      throw LogError(.unavailable, "\(files.database) could not be opened.", retriable: true)
    }
    self.connection = connection
  }

  deinit { close() }

  func close() {
    guard isOpen else { return }
    isOpen = false
    queue.writeWithoutTransaction { _ in
      for statement in statements { statement?.free() }
    }
    statements = []
    // The last connection to close empties the write-ahead log: a checkpoint, so it happens within the turn. Where
    // the turn cannot be had, SQLite's own locks still keep the file whole.
    let held = (try? turn.lock(milliseconds: options.patienceMilliseconds)) != nil
    try? queue.close()
    if held { turn.unlock() }
  }

  /// Runs `body` on the connection's queue.
  func use<T>(_ body: () throws(LogError) -> T) throws(LogError) -> T {
    guard isOpen else { throw LogError(.closed, "This handle of \(files.database) is closed. Make a new one.") }
    let result: Result<T, LogError> = queue.writeWithoutTransaction { _ in
      do throws(LogError) {
        return .success(try body())
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Changes metadata within `write`.
  func execute(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws(LogError) {
    do {
      try queue.unsafeReentrantWrite { try $0.execute(sql: sql, arguments: arguments) }
    } catch {
      throw SQLiteFailure.error(error, "write to", files.database)
    }
  }

  /// Reads metadata within `use`, `read` or `write`: `row` is called once per row. GRDB's rows would end the process
  /// where a damaged file holds text in place of a number; these give some value.
  func each(
    _ sql: String, _ arguments: [Int64] = [], name: String? = nil, _ row: (Statement) throws(LogError) -> Void
  ) throws(LogError) {
    let query = try Statement(sql, on: connection, path: files.database)
    defer { query.free() }
    if let name { query.bind(1, name) }
    for (index, value) in arguments.enumerated() { query.bind(Int32(index) + (name == nil ? 1 : 2), value) }
    while try query.next() { try row(query) }
  }

  func statement(_ query: Query) throws(LogError) -> Statement {
    if let statement = statements[query.rawValue] { return statement }
    let statement = try Statement(query.sql, on: connection, path: files.database)
    statements[query.rawValue] = statement
    return statement
  }

  // MARK: Transactions

  /// Runs `body` in a write transaction within the turn, then wakes the readers. What `body` throws undoes it.
  func write<T>(_ body: () throws(LogError) -> T) throws(LogError) -> T {
    try use { () throws(LogError) -> T in
      try turn.lock(milliseconds: options.patienceMilliseconds)
      defer { turn.unlock() }
      let value = try transaction(.beginWrite, body)
      boundWriteAheadLog()
      bell.ring()
      return value
    }
  }

  /// Runs `body` on one unchanging state of the log.
  func read<T>(_ body: () throws(LogError) -> T) throws(LogError) -> T {
    try use { () throws(LogError) -> T in try transaction(.beginRead, body) }
  }

  private func transaction<T>(_ begin: Query, _ body: () throws(LogError) -> T) throws(LogError) -> T {
    try statement(begin).run()
    do throws(LogError) {
      let value = try body()
      try statement(.commit).run()
      return value
    } catch {
      rollBack()
      throw error
    }
  }

  private func rollBack() {
    // On a full disk SQLite has rolled back by itself.
    guard sqlite3_get_autocommit(connection) == 0 else { return }
    try? statement(.rollback).run()
  }

  /// Empties a write-ahead log that has grown too long. Called within the turn. The commit before it stands whatever
  /// happens here, so that failing only means trying again later.
  private func boundWriteAheadLog() {
    guard let size = SystemCalls.size(of: files.writeAheadLog), size > walLimit else { return }
    // A reader that is stopped would otherwise hold up every commit for the whole busy timeout.
    sqlite3_busy_timeout(connection, 20)
    defer { sqlite3_busy_timeout(connection, 5_000) }
    var emptied = false
    do throws(LogError) {
      let checkpoint = try statement(.emptyWAL)
      emptied = try checkpoint.next() && checkpoint.integer(0) == 0
      checkpoint.reset()
    } catch {
      emptied = false
    }
    walLimit = emptied ? Int64(EmbeddedLogLimits.walBytes) : size + Int64(EmbeddedLogLimits.walBytes) / 4
  }

  // MARK: Places

  /// Where a partition's rows are. Topics never change, so each is looked up once.
  func place(of partition: TopicPartition) throws(LogError) -> Place {
    if let place = places[partition] { return place }
    let place = try use { () throws(LogError) -> Place in try lookUp(partition) }
    places[partition] = place
    return place
  }

  private func lookUp(_ partition: TopicPartition) throws(LogError) -> Place {
    let query = try statement(.place)
    query.bind(1, partition.topic)
    query.bind(2, Int64(partition.partition))
    guard try query.next() else {
      throw LogError(.unknownTopic, "\(files.database) has no topic \(partition.topic). Create it first.")
    }
    defer { query.reset() }
    guard let tp = query.optionalInteger(0) else {
      throw LogError(
        .unknownPartition,
        "Topic \(partition.topic) has partitions 0 to \(query.integer(2) - 1), not \(partition.partition).")
    }
    return Place(tp: tp, compacted: query.integer(1) != 0)
  }
}

/// A partition as the database knows it.
struct Place {
  let tp: Int64
  let compacted: Bool

  private static let shift = Int64(EmbeddedLogLimits.offsets.trailingZeroBitCount)

  func id(_ offset: Int64) -> Int64 { tp << Self.shift | offset }

  /// The first id of the next partition: every id of this one is smaller.
  var endID: Int64 { (tp + 1) << Self.shift }

  static func offset(of id: Int64) -> Int64 { id & (EmbeddedLogLimits.offsets - 1) }
}

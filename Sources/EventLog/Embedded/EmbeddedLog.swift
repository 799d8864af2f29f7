public import Log
import Synchronization

/// A log in one file: SQLite underneath, no server, and any number of processes at once.
///
/// Records lie in rows of up to 1,000, each with its checksum. Commits of all processes take turns; readers never
/// wait for them. Beside the file `log.db` stand SQLite's `log.db-wal` and `log.db-shm`, and `log.db.turn`, `.bell`,
/// `.ballast`, `.maintenance` and one `.lock-GROUP` for each group.
///
/// A process may die at any point: the log opens again and holds every batch that was acknowledged. The file must be
/// on a local disk, as its locks do not work across a network.
public final class EmbeddedLog: Log {
  private let files: LogFiles
  private let options: EmbeddedLogOptions
  /// For topics. Every handle has a store of its own.
  private let store: Mutex<Store>

  /// Opens the log at `path`, or creates it where there is no file or an empty one.
  /// - Throws: `notALog`, `newerFormat`, `readOnly`, `diskFull`, `damaged` or `unavailable`; the file is untouched then.
  public init(path: String, options: EmbeddedLogOptions = EmbeddedLogOptions()) throws(LogError) {
    let files = LogFiles(database: path)
    self.files = files
    self.options = options
    try files.checkAccess()
    if try Schema.examine(files) != .log(version: Schema.version) {
      let turn = try FileLock(files.turn, in: files)
      try turn.lock(milliseconds: options.patienceMilliseconds)
      defer { turn.unlock() }
      try Schema.migrate(files, options)
    }
    let opened = try Store(files, options)
    store = Mutex(opened)
    Ballast(path: files.ballast).load()
  }

  public func create(_ topic: TopicSpec) throws(LogError) {
    try TopicRules.check(topic)
    if try topics().contains(topic) { return }
    try withStore { store throws(LogError) in
      try store.write { () throws(LogError) in try store.create(topic) }
    }
  }

  public func topics() throws(LogError) -> [TopicSpec] {
    try withStore { store throws(LogError) in
      try store.use { () throws(LogError) -> [TopicSpec] in try store.topics() }
    }
  }

  public func makeProducer(id: String?) throws(LogError) -> any LogProducer {
    if let id { try Names.check(id, "A producer") }
    return EmbeddedProducer(try Store(files, options), name: id)
  }

  public func makeReader() throws(LogError) -> any LogReader {
    EmbeddedReader(try Store(files, options))
  }

  /// At most one worker at a time owns a group; another one that joins it is refused.
  public func join(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    try Names.check(group, "A group")
    let partitions = try TopicRules.partitions(of: topics, group: group, in: self)
    let owner = GroupOwner(
      member: member, host: SystemCalls.hostName, pid: Int64(SystemCalls.processIdentifier), since: options.clock())
    return try EmbeddedConsumer(
      try Store(files, options), group: group, topics: topics, partitions: partitions, owner: owner)
  }

  /// Closes the log itself; handles that it made stay usable until they are closed.
  public func close() {
    store.withLock { $0.close() }
  }

  public func maintain(now: Int64, workedOff: Int64) throws(LogError) {
    try Maintenance.run(files, options, now: now, workedOff: workedOff)
  }

  private func withStore<T: Sendable>(_ body: (Store) throws(LogError) -> T) throws(LogError) -> T {
    let result: Result<T, LogError> = store.withLock { store in
      do throws(LogError) {
        return .success(try body(store))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

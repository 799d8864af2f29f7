import Log

/// The database and the small files that stand beside it.
struct LogFiles: Sendable {
  let database: String

  var writeAheadLog: String { database + "-wal" }
  /// Locked around each commit, so that writers queue here rather than in SQLite's busy handler.
  var turn: String { database + ".turn" }
  /// Touched after each commit; readers watch it.
  var bell: String { database + ".bell" }
  /// Locked while one process does maintenance.
  var maintenance: String { database + ".maintenance" }
  var ballast: String { database + ".ballast" }
  func lock(of group: String) -> String { database + ".lock-" + group }

  var folder: String {
    guard let slash = database.lastIndex(of: "/") else { return "." }
    return slash == database.startIndex ? "/" : String(database[..<slash])
  }

  /// Says early, and in words, what SQLite would say late and in numbers.
  func checkAccess() throws(LogError) {
    if SystemCalls.isDirectory(database) {
      throw LogError(.notALog, "\(database) is a folder, not a log. Name a file in it.")
    }
    guard SystemCalls.isDirectory(folder) else {
      throw LogError(.unavailable, "The folder \(folder) of the log \(database) does not exist. Create it first.")
    }
    guard SystemCalls.isWritable(folder) else {
      throw LogError(
        .readOnly, "The folder \(folder) cannot be written to, which the log \(database) needs. Change its permissions."
      )
    }
    if SystemCalls.size(of: database) != nil, !SystemCalls.isWritable(database) {
      throw LogError(.readOnly, "The log \(database) cannot be written to. Change its permissions.")
    }
  }

  func failure(_ error: SystemError, opening path: String) -> LogError {
    if error.isNoSpace {
      return LogError(.diskFull, "No room on the disk for \(path). Free some space and try again.", retriable: true)
    }
    if error.isReadOnly {
      return LogError(.readOnly, "\(path) cannot be written to: \(error.text). Change its permissions.")
    }
    return LogError(.unavailable, "\(path) cannot be opened: \(error.text).", retriable: true)
  }
}

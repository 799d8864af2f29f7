import GRDB
import GRDBSQLite
import Log

/// What SQLite reports, in the terms of the port.
enum SQLiteFailure {
  static func error(_ connection: OpaquePointer, _ doing: String, _ path: String) -> LogError {
    let code = sqlite3_extended_errcode(connection)
    let text = String(cString: sqlite3_errmsg(connection))
    let system = SystemError(number: sqlite3_system_errno(connection))
    return error(code: code, text: text, system: system, doing, path)
  }

  static func error(_ error: any Error, _ doing: String, _ path: String) -> LogError {
    if let error = error as? LogError { return error }
    guard let error = error as? DatabaseError else {
      return LogError(.unavailable, "Cannot \(doing) \(path): \(error).", retriable: true)
    }
    return Self.error(
      code: error.extendedResultCode.rawValue, text: error.message ?? "unknown failure", system: nil, doing, path)
  }

  private static func error(
    code: Int32, text: String, system: SystemError?, _ doing: String, _ path: String
  ) -> LogError {
    let what = "Cannot \(doing) \(path)"
    let detail = "(SQLite \(code): \(text))"
    switch code & 0xff {
    case SQLITE_FULL:
      return full(what, detail)
    case SQLITE_IOERR where system?.isNoSpace == true:
      return full(what, detail)
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      return LogError(
        .readOnly, "\(what): it cannot be written to \(detail). Change the permissions of file and folder.")
    case SQLITE_CANTOPEN where system?.isReadOnly == true:
      return LogError(.readOnly, "\(what): no permission \(detail). Change the permissions of file and folder.")
    case SQLITE_NOTADB:
      return LogError(.notALog, "\(path) is not a log: it is no SQLite database \(detail). Name another file.")
    case SQLITE_CORRUPT:
      return LogError(
        .damaged,
        "\(what): the file is damaged \(detail). Restore it from a copy, or save what `sqlite3 .recover` "
          + "finds.")
    case SQLITE_TOOBIG:
      return LogError(.tooLarge, "\(what): more than SQLite takes at once \(detail). Use smaller records.")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return LogError(.unavailable, "\(what): another process keeps it locked \(detail). Try again.", retriable: true)
    default:
      return LogError(.unavailable, "\(what) \(detail).", retriable: true)
    }
  }

  private static func full(_ what: String, _ detail: String) -> LogError {
    LogError(
      .diskFull, "\(what): no room on the disk \(detail). Free some space and try again.", retriable: true)
  }
}

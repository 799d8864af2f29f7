import GRDBSQLite
import Log

/// A prepared statement on a connection that GRDB opened. It is used on that connection's queue alone and freed
/// before the connection closes.
final class Statement {
  private let connection: OpaquePointer
  private let path: String
  private var pointer: OpaquePointer?

  init(_ sql: String, on connection: OpaquePointer, path: String) throws(LogError) {
    self.connection = connection
    self.path = path
    let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
    guard code == SQLITE_OK else { throw SQLiteFailure.error(connection, "read", path) }
  }

  func free() {
    sqlite3_finalize(pointer)
    pointer = nil
  }

  func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(pointer, index, value) }

  func bind(_ index: Int32, _ value: Int64?) {
    if let value { bind(index, value) } else { sqlite3_bind_null(pointer, index) }
  }

  func bind(_ index: Int32, _ text: String) {
    var text = text
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        // SQLITE_TRANSIENT: SQLite copies, as the text does not outlive this call.
        _ = sqlite3_bind_text(
          pointer, index, characters.baseAddress, Int32(characters.count),
          unsafeBitCast(-1, to: sqlite3_destructor_type.self))
      }
    }
  }

  /// Runs to the end with `data` bound by reference.
  func run(_ index: Int32, data: [UInt8]) throws(LogError) {
    let code = data.withUnsafeBytes { bytes in
      sqlite3_bind_blob64(pointer, index, bytes.baseAddress, UInt64(bytes.count), nil)
      return sqlite3_step(pointer)
    }
    try finish(code)
  }

  /// Runs to the end.
  func run() throws(LogError) {
    var code = sqlite3_step(pointer)
    while code == SQLITE_ROW { code = sqlite3_step(pointer) }
    try finish(code)
  }

  /// Moves to the next row; at the end, or on failure, the statement is ready to run again.
  func next() throws(LogError) -> Bool {
    let code = sqlite3_step(pointer)
    if code == SQLITE_ROW { return true }
    try finish(code)
    return false
  }

  /// A statement that has rows left keeps its transaction open: every early exit ends with this.
  func reset() { sqlite3_reset(pointer) }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

  func optionalInteger(_ column: Int32) -> Int64? {
    sqlite3_column_type(pointer, column) == SQLITE_NULL ? nil : integer(column)
  }

  func bytes(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(pointer, column) else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
  }

  func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(pointer, column) else { return "" }
    return String(cString: start)
  }

  private func finish(_ code: Int32) throws(LogError) {
    guard code != SQLITE_DONE else {
      sqlite3_reset(pointer)
      return
    }
    let error = SQLiteFailure.error(connection, "use", path)
    sqlite3_reset(pointer)
    throw error
  }
}

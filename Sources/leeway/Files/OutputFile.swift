import Foundation

/// Files that a command leaves behind.
enum OutputFile {
  /// Before the work, rather than after it.
  static func check(_ path: String) throws(CommandError) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard !(exists && isFolder.boolValue) else { throw CommandError("is a folder", at: path, remedy: "name a file") }
    guard FileManager.default.isWritableFile(atPath: exists ? path : folder) else {
      throw CommandError("the file cannot be written there", at: path)
    }
  }

  static func write(_ bytes: [UInt8], to path: String) throws(CommandError) {
    try write(bytes, path, [])
  }

  /// In one step: what stood there stays until all of it is written.
  static func replace(_ path: String, with bytes: [UInt8]) throws(CommandError) {
    try write(bytes, path, .atomic)
  }

  private static func write(_ bytes: [UInt8], _ path: String, _ options: Data.WritingOptions) throws(CommandError) {
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path), options: options)
    } catch {
      throw CommandError("the file cannot be written (\(error.localizedDescription))", at: path)
    }
  }
}

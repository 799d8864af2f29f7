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
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    } catch {
      throw CommandError("the file cannot be written (\(error.localizedDescription))", at: path)
    }
  }
}

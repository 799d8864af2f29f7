import Foundation
import Recording

/// Files that a command leaves behind.
enum OutputFile {
  /// What an embedded log is called behind its path, and what lies beside it.
  private static let logEndings = [
    "", "-wal", "-shm", "-journal", ".turn", ".bell", ".ballast", ".maintenance",
  ]

  /// Before the work, rather than after it.
  static func check(_ path: String) throws(CommandError) {
    guard !path.isEmpty else { throw CommandError("an empty name", remedy: "name a file to write") }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard !(exists && isFolder.boolValue) else { throw CommandError("is a folder", at: path, remedy: "name a file") }
    guard exists || FileManager.default.fileExists(atPath: folder) else {
      throw CommandError("there is no folder \(folder)", at: path, remedy: "create it first")
    }
    guard FileManager.default.isWritableFile(atPath: exists ? path : folder) else {
      throw CommandError("the file cannot be written there", at: path, remedy: "change its permissions")
    }
  }

  /// That no file is written twice, and none over one that is read.
  ///
  /// - Parameters:
  ///   - outputs, inputs: paths by the options that name them.
  ///   - log: the path of the embedded log that is read, where one is.
  static func checkDistinct(
    _ outputs: [(option: String, path: String?)], from inputs: [(option: String, path: String?)], log: String? = nil
  ) throws(CommandError) {
    var known = named(inputs)
    for (option, path) in outputs {
      guard let path else { continue }
      if let log, logEndings.contains(where: { place(log + $0) == place(path) }) {
        throw CommandError("is a file of the log \(log)", at: "\(option) \(path)", remedy: "name another file")
      }
      if let other = known.first(where: { $0.path == place(path) }) {
        throw CommandError("is the file of \(other.option) too", at: "\(option) \(path)", remedy: "name another file")
      }
      if isPlain(path) { known += named([(option, path)]) }
    }
  }

  private static func named(_ files: [(option: String, path: String?)]) -> [(option: String, path: String)] {
    files.compactMap { file -> (option: String, path: String)? in
      guard let path = file.path, path != "-" else { return nil }
      return (option: file.option, path: place(path))
    }
  }

  /// The same for every name of a file that is there.
  private static func place(_ path: String) -> String {
    var status = stat()
    if stat(path, &status) == 0 { return "\(status.st_dev) \(status.st_ino)" }
    return URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }

  /// Devices and pipes are none; what is not there yet will be one.
  private static func isPlain(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) != 0 || (status.st_mode & S_IFMT) == S_IFREG
  }

  /// Whether what is written there comes out of standard output, where nothing else should come between. Of a terminal and of
  /// /dev/null nobody reads it back.
  static func isStandardOutput(_ path: String) -> Bool {
    var (own, there) = (stat(), stat())
    guard fstat(STDOUT_FILENO, &own) == 0, stat(path, &there) == 0 else { return false }
    return own.st_dev == there.st_dev && own.st_ino == there.st_ino && own.st_mode & S_IFMT != S_IFCHR
  }

  /// A file to write bit by bit, in place of what stands there.
  static func begin(_ path: String) throws(CommandError) -> UnfinishedFile {
    do {
      return try UnfinishedFile(path)
    } catch {
      throw CommandError(error.message)
    }
  }

  /// In one step: what stood there stays until all of it is written.
  static func replace(_ path: String, with bytes: [UInt8]) throws(CommandError) {
    let file = try begin(path)
    do {
      try file.append(bytes)
      try file.finish()
    } catch {
      throw CommandError(error.message)
    }
  }
}

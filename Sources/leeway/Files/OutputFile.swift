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

  /// That no file is written twice, and none over one that is read.
  ///
  /// - Parameters:
  ///   - outputs, inputs: paths by the options that name them.
  static func checkDistinct(
    _ outputs: [(option: String, path: String?)], from inputs: [(option: String, path: String?)]
  ) throws(CommandError) {
    var known = named(inputs)
    for (option, path) in outputs {
      guard let path else { continue }
      if let other = known.first(where: { $0.path == place(path) }) {
        throw CommandError("is the file of \(other.option) too", at: "\(option) \(path)", remedy: "name another file")
      }
      known += named([(option, path)])
    }
  }

  private static func named(_ files: [(option: String, path: String?)]) -> [(option: String, path: String)] {
    files.compactMap { file -> (option: String, path: String)? in
      guard let path = file.path, path != "-" else { return nil }
      return (option: file.option, path: place(path))
    }
  }

  private static func place(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
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

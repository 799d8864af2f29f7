import Foundation

/// A temporary folder that goes away with whoever made it.
struct ScratchFolder: Sendable {
  /// Times that it is removed where somebody still makes files in it.
  private static let removals = 100

  let path: String

  /// - Parameter name: stands before what makes the folder's name its own.
  init(_ name: String) {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)").path
  }

  func make() throws(CommandError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw CommandError("cannot be created (\(error.localizedDescription))", at: path)
    }
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func remove() {
    for _ in 0..<Self.removals where FileManager.default.fileExists(atPath: path) {
      try? FileManager.default.removeItem(atPath: path)
    }
  }
}

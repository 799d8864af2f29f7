public import Foundation

/// A folder that goes away with the test.
public final class TemporaryFolder: Sendable {
  public let url: URL

  public init() throws {
    // Resolved, since a temporary folder may lie behind a symbolic link; with a space, which a path may have.
    url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "leeway test \(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  public func path(_ name: String) -> String { url.appending(path: name).path }
}

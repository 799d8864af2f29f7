import Foundation
import Yams

/// Where a secret is read from when it is needed: the configuration never holds it.
enum Secret: Equatable {
  case file(String)
  case environment(String)

  enum Key: String, ConfigurationKey { case file, env }

  /// - Parameter name: of what is secret, for errors: "the key".
  init(_ node: ConfigurationNode, _ name: String) throws(CommandError) {
    let expected = "where \(name) is: {file: PATH} or {env: NAME}; \(name) itself does not belong here"
    // An error must not show what stands here instead: it may be the secret.
    guard case .mapping = node.node else {
      throw node.error("\(name) stands in the configuration itself", remedy: "expected \(expected)")
    }
    let section = try ConfigurationSection<Key>(node)
    switch (try section[.file]?.text(), try section[.env]?.text()) {
    case (let path?, nil) where !path.isEmpty: self = .file(path)
    case (nil, let name?) where !name.isEmpty: self = .environment(name)
    default: throw node.error("not understood", remedy: "expected \(expected)")
    }
  }

  var place: String {
    switch self {
    case .file(let path): path
    case .environment(let name): "environment variable \(name)"
    }
  }

  /// - Parameter setting: the key of the configuration that names this secret.
  func text(_ environment: [String: String], for setting: String) throws(CommandError) -> String {
    switch self {
    case .file(let path): return try KeyFile.text(of: path)
    case .environment(let name):
      guard let text = environment[name], !text.isEmpty else {
        throw CommandError(
          "not set, and \(setting) names it", at: place, remedy: "set it where Leeway is started: export \(name)=…")
      }
      return text
    }
  }
}

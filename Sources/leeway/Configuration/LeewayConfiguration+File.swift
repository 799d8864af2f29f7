import Foundation
import Yams

extension LeewayConfiguration {
  /// The file that is read where none is named, if it exists.
  static let usualFile = "leeway.yaml"
  static let maximumFileBytes = 1 << 20

  /// Reads a configuration from YAML text. Nothing but the text counts: no environment variable is looked at.
  /// - Parameters:
  ///   - file: what errors call it.
  ///   - defaults: what holds where the text says nothing; its models where the text has none.
  /// - Throws: an error that names file, line, key and what was expected, for the first thing that is wrong.
  init(
    yaml: String, file: String, defaults: LeewayConfiguration = LeewayConfiguration()
  ) throws(CommandError) {
    self = defaults
    guard let root = try Self.compose(yaml, file: file) else { return }
    try read(ConfigurationSection(ConfigurationNode(node: root, file: file, path: "")))
  }

  /// Reads the file at `path`; without one `leeway.yaml` in the working directory, and the defaults where that does
  /// not exist.
  static func load(path: String?) throws(CommandError) -> LeewayConfiguration {
    guard let path = path ?? (FileManager.default.fileExists(atPath: usualFile) ? usualFile : nil) else {
      return LeewayConfiguration()
    }
    return try load(path)
  }

  /// Reads a file.
  /// - Parameter defaults: what holds where it says nothing.
  static func load(
    _ path: String, defaults: LeewayConfiguration = LeewayConfiguration()
  ) throws(CommandError) -> LeewayConfiguration {
    try LeewayConfiguration(yaml: text(of: path), file: path, defaults: defaults)
  }

  private static func text(of path: String) throws(CommandError) -> String {
    let source = try FileSource(path: path)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try buffer.readFront(of: source)
      if count == 0 { break }
      bytes += buffer[..<count]
      if bytes.count > maximumFileBytes {
        throw CommandError("more than \(maximumFileBytes) bytes", at: path, remedy: "name a configuration file")
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandError("text that is not UTF-8", at: path, remedy: "save the file as UTF-8")
    }
    return text
  }

  private static func compose(_ yaml: String, file: String) throws(CommandError) -> Yams.Node? {
    do {
      // The encoding is named because the parser would otherwise take it from an environment variable.
      return try Yams.Parser(yaml: yaml, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      throw translated(error, file: file)
    } catch {
      throw CommandError("cannot be read as YAML (\(error))", at: file)
    }
  }

  private static func translated(_ error: YamlError, file: String) -> CommandError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      CommandError(
        "not YAML: \(problem)", at: "\(file):\(mark.line)", remedy: "expected keys with values, indented alike")
    case .duplicatedKeysInMapping(let keys, let context):
      CommandError(
        "the key \(keys.map { "\"\($0)\"" }.joined(separator: ", ")) stands in one section twice",
        at: "\(file):\(context.mark.line)", remedy: "keep one of them")
    default:
      CommandError("not YAML: \(error)", at: file)
    }
  }
}

import Backtest
import Engine
import Foundation

/// A policy to try: a configuration file, of which monitoring, windows, training and the gate count.
struct PolicyFile {
  let policy: Policy
  let file: LeewayConfiguration

  /// - Parameters:
  ///   - path: of the file; the policy has its name without the extension.
  ///   - base: what holds where it says nothing.
  ///   - isTable: whether the base says what is predicted from which columns of a file.
  init(_ path: String, base: LeewayConfiguration, isTable: Bool) throws(CommandError) {
    var file = try LeewayConfiguration.load(path, defaults: base)
    if isTable { try Self.adopt(base.models[0], in: &file, path) }
    file.topics = base.topics
    self = .named(URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent, file)
  }

  init(_ policy: Policy, _ file: LeewayConfiguration) {
    self.policy = policy
    self.file = file
  }

  static func named(_ name: String, _ file: LeewayConfiguration) -> PolicyFile {
    PolicyFile(Policy(name: name, configuration: file.engineConfiguration), file)
  }

  /// What is tried where no policy is named.
  static func plain(_ file: LeewayConfiguration) -> PolicyFile { named("default", file) }

  /// The one model of the policy learns the table's task from the table's columns.
  private static func adopt(
    _ table: ModelSection, in file: inout LeewayConfiguration, _ path: String
  ) throws(CommandError) {
    guard file.models.count == 1 else {
      throw CommandError(
        "names \(file.models.count) models, and the rows of a file are of one", at: path, remedy: "keep one of them")
    }
    (file.models[0].name, file.models[0].task, file.models[0].classes) = (table.name, table.task, table.classes)
    (file.models[0].categorical, file.models[0].numeric) = (table.categorical, table.numeric)
    (file.models[0].hashed, file.models[0].calendar, file.models[0].drop) = (table.hashed, table.calendar, table.drop)
  }
}

import Models

/// A program that trains a model.
struct TrainerSection: Equatable {
  /// The program and its arguments; the run's folder is added as the last one.
  var command: [String]
  /// What versions are recorded as.
  var family = "external"
  /// Names of variables that the program sees, beside PATH, HOME and LANG.
  var environment: [String] = []
  /// Where run folders are made; nil for beside the log.
  var folder: String?
  /// Run folders of a model that are kept.
  var keep = 5
  /// Nil for what the run's quota says.
  var seconds: Int?
  /// Resident bytes of all its processes.
  var memory: Int64 = 4 << 30
  var processes = 64

  /// What every program may see.
  static let usualEnvironment = ["PATH", "HOME", "LANG"]
}

extension TrainerSection {
  enum Key: String, ConfigurationKey { case command, family, environment, folder, keep, limits }
  enum LimitKey: String, ConfigurationKey { case seconds, memory, processes }

  init(_ section: ConfigurationSection<Key>) throws(CommandError) {
    var command: [String] = []
    for item in try section[.command]?.list() ?? [] { command.append(try item.text()) }
    guard command.first?.isEmpty == false else {
      throw section.place(of: .command).error(
        "a trainer needs its command", remedy: "expected a list such as [python3, config/trainers/lightgbm.py]")
    }
    guard !command.contains(where: { $0.utf8.contains(0) }) else {
      throw section.place(of: .command).error(expected: "texts without a zero byte")
    }
    self.init(command: command)
    try section.text(.family, &family)
    let place = section.place(of: .family)
    guard (1...100).contains(family.utf8.count) else { throw place.error(expected: "a name of 1 to 100 bytes") }
    if Family(named: family) != nil {
      throw place.error("\"\(family)\" is one of Leeway's own families", remedy: "choose another name")
    }
    try section.names(.environment, &environment)
    guard environment.allSatisfy({ $0.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil }) else {
      throw section.place(of: .environment).error(expected: "names of variables: letters, digits and \"_\"")
    }
    if let folder = section[.folder] { self.folder = try folder.text("the path of a folder") }
    try section.integer(.keep, &keep, in: 1...1_000_000)
    guard let limits = try section.section(.limits, keys: LimitKey.self) else { return }
    try limits.optionalInteger(.seconds, &seconds, in: 1...864_000)
    if let node = limits[.memory] { memory = try node.size(in: 1 << 20...1 << 50) }
    try limits.integer(.processes, &processes, in: 1...100_000)
  }
}

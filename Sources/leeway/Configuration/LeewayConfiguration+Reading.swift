private enum Bounds {
  static let day: Int64 = 86_400_000
  static let century = 36_525 * day
  static let clock = 1...day
  static let rows = 1...1_000_000_000
}

extension LeewayConfiguration {
  enum Key: String, ConfigurationKey { case log, topics, time, engine, monitor, train, gate, security, mlflow, models }

  mutating func read(_ section: ConfigurationSection<Key>) throws(CommandError) {
    if let section = try section.section(.log, keys: LogSection.Key.self) { try log.read(section) }
    if let section = try section.section(.topics, keys: TopicsSection.Key.self) { try topics.read(section) }
    if let section = try section.section(.time, keys: TimeSection.Key.self) { try time.read(section) }
    if let section = try section.section(.engine, keys: EngineSection.Key.self) { try engine.read(section) }
    if let section = try section.section(.monitor, keys: MonitorSection.Key.self) { try monitor.read(section) }
    if let section = try section.section(.train, keys: TrainSection.Key.self) { try train.read(section) }
    if let section = try section.section(.gate, keys: GateSection.Key.self) { try gate.read(section) }
    if let section = try section.section(.security, keys: SecuritySection.Key.self) { try security.read(section) }
    if let server = section[.mlflow], !server.isOff { mlflow = try MLflowSection(ConfigurationSection(server)) }
    try monitor.checkPanes(time.pane, Self.windowPlace(section[.monitor]) ?? section.place(of: .time))
    if let list = section[.models] { try read(models: list.list()) } else { configureModels() }
  }

  /// Models that the text does not name are configured as it says of every model.
  private mutating func configureModels() {
    for index in models.indices {
      (models[index].monitor, models[index].train, models[index].gate) = (monitor, train, gate)
    }
  }

  private mutating func read(models items: [ConfigurationNode]) throws(CommandError) {
    models = []
    for item in items {
      let model = try ModelSection(ConfigurationSection(item), monitor: monitor, train: train, gate: gate)
      guard self.model(model.name) == nil else { throw item.error("there are two models named \"\(model.name)\"") }
      let monitor = try ConfigurationSection<ModelSection.Key>(item)[.monitor]
      try model.monitor.checkPanes(time.pane, Self.windowPlace(monitor) ?? item)
      models.append(model)
    }
  }

  /// Where a section says how long the window is, if it does.
  private static func windowPlace(_ monitor: ConfigurationNode?) throws(CommandError) -> ConfigurationNode? {
    guard let monitor else { return nil }
    return try ConfigurationSection<MonitorSection.Key>(monitor)[.window]
  }
}

extension LogSection {
  enum Key: String, ConfigurationKey { case embedded, durability, kafka }

  mutating func read(_ section: ConfigurationSection<Key>) throws(CommandError) {
    try section.text(.embedded, &embedded)
    if embedded.isEmpty { throw section.place(of: .embedded).error(expected: "the path of a file") }
    try section.choice(.durability, &durability)
    guard let cluster = section[.kafka], !cluster.isOff else { return }
    kafka = try KafkaSection(ConfigurationSection(cluster))
  }
}

extension TopicsSection {
  enum Key: String, ConfigurationKey {
    case prefix, partitions
    case modelPartitions = "model_partitions"
  }

  mutating func read(_ section: ConfigurationSection<Key>) throws(CommandError) {
    try section.text(.prefix, &prefix)
    let isPlain = prefix.utf8.allSatisfy {
      $0 < 0x80 && (Character(UnicodeScalar($0)).isWordLike || ".-_".utf8.contains($0))
    }
    guard isPlain, prefix.utf8.count <= 100 else {
      throw section.place(of: .prefix).error(expected: "at most 100 letters, digits, \".\", \"-\" and \"_\"")
    }
    try section.integer(.partitions, &partitions, in: 1...1_024)
    try section.integer(.modelPartitions, &modelPartitions, in: 1...1_024)
  }
}

extension Character {
  fileprivate var isWordLike: Bool { isASCII && (isLetter || isNumber) }
}

extension TimeSection {
  enum Key: String, ConfigurationKey {
    case pane, sketch, lateness, idle
    case labelHorizon = "label_horizon"
    case futureSlack = "future_slack"
    case featuresTopic = "features_topic"
    case featureTimeToLive = "feature_ttl"
    case maximumOpen = "maximum_open"
  }

  mutating func read(_ section: ConfigurationSection<Key>) throws(CommandError) {
    try section.duration(.pane, &pane, in: Bounds.clock)
    try section.optionalDuration(.sketch, &sketch, in: Bounds.clock)
    if let sketch, let place = section[.sketch], sketch % pane != 0 {
      throw place.error(expected: "a whole number of panes of \(Quantity.shown(milliseconds: pane))")
    }
    try section.duration(.lateness, &lateness, in: 0...Bounds.century)
    try section.duration(.labelHorizon, &labelHorizon, in: 0...Bounds.century)
    try section.duration(.futureSlack, &futureSlack, in: 0...Bounds.century)
    try section.duration(.idle, &idle, in: Bounds.clock)
    try section.flag(.featuresTopic, &featuresTopic)
    try section.duration(.featureTimeToLive, &featureTimeToLive, in: 1...Bounds.century)
    try section.integer(.maximumOpen, &maximumOpen, in: Bounds.rows)
  }
}

extension EngineSection {
  enum Key: String, ConfigurationKey {
    case commitRecords = "commit_records"
    case commitInterval = "commit_interval"
    case snapshotCommits = "snapshot_commits"
    case pollRecords = "poll_records"
    case runs
    case keepWork = "keep_work"
    case runsFolder = "runs_folder"
  }

  mutating func read(_ section: ConfigurationSection<Key>) throws(CommandError) {
    try section.integer(.commitRecords, &commitRecords, in: 1...1_000_000)
    try section.duration(.commitInterval, &commitInterval, in: Bounds.clock)
    try section.integer(.snapshotCommits, &snapshotCommits, in: 1...1_000_000)
    try section.integer(.pollRecords, &pollRecords, in: 1...1_000_000)
    try section.integer(.runs, &runs, in: 1...64)
    try section.optionalDuration(.keepWork, &keepWork, in: Bounds.clock)
    if let folder = section[.runsFolder], !folder.isOff { runsFolder = try folder.text("the path of a folder") }
  }
}

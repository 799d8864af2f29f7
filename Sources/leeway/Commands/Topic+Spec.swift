import Engine
import Events
import Log

extension TopicsSection {
  init(_ configuration: EngineConfiguration) {
    self.init(
      prefix: configuration.names.prefix, partitions: configuration.inputPartitions,
      modelPartitions: configuration.modelPartitions)
  }
}

extension Topic {
  /// The topic as it is created under a configuration.
  func spec(_ topics: TopicsSection) -> TopicSpec {
    let count =
      switch partitionSetting {
      case .events: topics.partitions
      case .models: topics.modelPartitions
      case nil: 1
      }
    return TopicSpec(
      name: topics.prefix + rawValue, partitions: count, retention: Retention(milliseconds: retention),
      compacted: isCompacted)
  }

  /// Creates every topic that is not there yet.
  ///
  /// - Parameter keepsAll: for events of a time long past, which a cluster's retention would take away at once.
  ///
  /// Those that are there must have the partitions that the configuration
  /// says; how long they keep their records is the owner's choice, and `leeway topics check` shows it.
  /// - Returns: the names of those that were created.
  @discardableResult
  static func createAll(in log: any Log, configuration: EngineConfiguration, keepsAll: Bool = false) throws -> [String]
  {
    let section = TopicsSection(configuration)
    var created: [String] = []
    for topic in allCases {
      var spec = topic.spec(section)
      if keepsAll { spec = TopicSpec(name: spec.name, partitions: spec.partitions, compacted: spec.compacted) }
      guard try log.partitions(of: spec.name) == nil else { continue }
      try log.create(spec)
      created.append(spec.name)
    }
    try checkPartitions(in: log, section)
    return created
  }

  /// - Throws: a `CommandError` where a topic has other partitions than the configuration says. Those that were added nobody
  ///   would read, unless they are the first topic's of a group.
  static func checkPartitions(in log: any Log, _ topics: TopicsSection) throws {
    for spec in allCases.map({ $0.spec(topics) }) {
      guard let partitions = try log.partitions(of: spec.name), partitions != spec.partitions else { continue }
      throw CommandError(
        "has \(partitions) partitions, the configuration says \(spec.partitions)", at: "topic \(spec.name)",
        remedy: "leeway topics check says what to do")
    }
  }

  /// What the log has of the contracts' topics.
  static func specs(in log: any Log, _ topics: TopicsSection) throws(LogError) -> [TopicSpec] {
    var specs: [TopicSpec] = []
    for topic in allCases {
      if let spec = try log.spec(of: topic.spec(topics).name) { specs.append(spec) }
    }
    return specs
  }
}

import Engine
import Events
import Log

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
  static func createAll(in log: any Log, configuration: EngineConfiguration, keepsAll: Bool = false) throws {
    let section = TopicsSection(
      prefix: configuration.names.prefix, partitions: configuration.inputPartitions,
      modelPartitions: configuration.modelPartitions)
    for topic in allCases {
      var spec = topic.spec(section)
      if keepsAll { spec = TopicSpec(name: spec.name, partitions: spec.partitions, compacted: spec.compacted) }
      guard let partitions = try log.partitions(of: spec.name) else {
        try log.create(spec)
        continue
      }
      guard partitions == spec.partitions else {
        throw CommandError(
          "has \(partitions) partitions, the configuration says \(spec.partitions)", at: "topic \(spec.name)",
          remedy: "leeway topics check says what to do")
      }
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

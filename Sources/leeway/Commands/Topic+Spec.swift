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
  static func createAll(in log: any Log, configuration: EngineConfiguration) throws(LogError) {
    let section = TopicsSection(
      prefix: configuration.names.prefix, partitions: configuration.inputPartitions,
      modelPartitions: configuration.modelPartitions)
    for topic in allCases { try log.create(topic.spec(section)) }
  }
}

import Events
import Log

/// What `topics/*.yaml` says of a topic, as far as creating it goes. A test holds the two equal.
struct TopicContract {
  /// Which setting says how many partitions a topic has.
  enum Partitions: String { case events, models, one }

  let topic: Topic
  let partitions: Partitions
  /// Milliseconds that a record is kept at least; `nil` for ever.
  let retention: Int64?
  let compacted: Bool
}

extension TopicContract {
  /// One contract per topic, in the order of `Topic`.
  static let all: [TopicContract] = Topic.allCases.map(contract)

  private static func contract(_ topic: Topic) -> TopicContract {
    let partitions: Partitions =
      switch topic.partitionSetting {
      case .events: .events
      case .models: .models
      case nil: .one
      }
    return TopicContract(topic: topic, partitions: partitions, retention: topic.retention, compacted: topic.isCompacted)
  }

  /// The topic as it is created under a configuration.
  func spec(_ topics: TopicsSection) -> TopicSpec {
    let count =
      switch partitions {
      case .events: topics.partitions
      case .models: topics.modelPartitions
      case .one: 1
      }
    return TopicSpec(
      name: topics.prefix + topic.rawValue, partitions: count, retention: Retention(milliseconds: retention),
      compacted: compacted)
  }
}

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

  private static let day: Int64 = 86_400_000
}

extension TopicContract {
  /// One contract per topic, in the order of `Topic`.
  static let all: [TopicContract] = Topic.allCases.map(contract)

  private static func contract(_ topic: Topic) -> TopicContract {
    switch topic {
    case .predictions, .labels, .features, .watermarks:
      TopicContract(topic: topic, partitions: .events, retention: 30 * day, compacted: false)
    case .examples:
      TopicContract(topic: topic, partitions: .events, retention: nil, compacted: false)
    case .summaries, .sketches, .drift, .triggers, .runs, .models:
      TopicContract(topic: topic, partitions: .models, retention: nil, compacted: false)
    case .artifacts, .deadletters:
      TopicContract(topic: topic, partitions: .one, retention: nil, compacted: false)
    case .checkpoints:
      TopicContract(topic: topic, partitions: .one, retention: nil, compacted: true)
    }
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

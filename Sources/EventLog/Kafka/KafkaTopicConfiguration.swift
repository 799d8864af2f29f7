import Log

/// A topic's retention and compaction in the words of Kafka's settings.
enum KafkaTopicConfiguration {
  private static let policy = "cleanup.policy"
  private static let age = "retention.ms"
  private static let size = "retention.bytes"

  static func values(of topic: TopicSpec) -> [(name: String, value: String)] {
    let isDeleted = topic.retention != .forever
    let policies = (topic.compacted ? ["compact"] : []) + (isDeleted || !topic.compacted ? ["delete"] : [])
    var values = [(policy, policies.joined(separator: ","))]
    if isDeleted || !topic.compacted {
      values.append((age, "\(topic.retention.milliseconds ?? -1)"))
      values.append((size, "\(topic.retention.bytes ?? -1)"))
    }
    return values
  }

  static func spec(_ name: String, partitions: Int, _ values: [String: String]) -> TopicSpec {
    let policies = values[policy, default: "delete"].split(separator: ",").map { $0.filter { $0 != " " } }
    let isDeleted = policies.contains("delete")
    func limit(_ setting: String) -> Int64? {
      isDeleted ? values[setting].flatMap { Int64($0) }.flatMap { $0 < 0 ? nil : $0 } : nil
    }
    return TopicSpec(
      name: name, partitions: partitions, retention: Retention(milliseconds: limit(age), bytes: limit(size)),
      compacted: policies.contains("compact"))
  }
}

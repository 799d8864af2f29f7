import CRdKafka
public import Log

/// A log on a Kafka cluster, through librdkafka.
///
/// Records are written in transactions and read when they are committed. Offsets have gaps, as the marks of transactions
/// take up offsets too. Several workers may share a group; each needs a member name of its own, which it keeps when it comes
/// back. Retention and compaction are the cluster's work.
public final class KafkaLog: Log {
  private let options: KafkaOptions
  private let topicTable: KafkaTopics

  /// - Throws: `invalidArgument` for the options' `flaw`. The cluster is not asked for anything yet.
  public init(_ options: KafkaOptions) throws(LogError) {
    if let flaw = options.flaw {
      throw LogError(.invalidArgument, "Kafka property \(flaw.property): \(flaw.problem).")
    }
    self.options = options
    topicTable = try KafkaTopics(options)
  }

  /// Why no broker answers within a second; nil where one does.
  public var outage: String? { topicTable.outage }

  public func create(_ topic: TopicSpec) throws(LogError) {
    try TopicRules.check(topic)
    do throws(LogError) {
      try topicTable.create(topic)
    } catch {
      guard error.code == .topicExists, try spec(of: topic.name) != topic else {
        if error.code == .topicExists { return }
        throw error
      }
      throw LogError(
        .topicExists,
        "Topic \(topic.name) is there already, with other partitions, retention or compaction. `leeway topics check` "
          + "shows the difference; nothing was changed.")
    }
  }

  public func topics() throws(LogError) -> [TopicSpec] {
    var specs: [TopicSpec] = []
    for (name, partitions) in try topicTable.all().sorted(by: { $0.key < $1.key }) {
      specs.append(KafkaTopicConfiguration.spec(name, partitions: partitions, try topicTable.configuration(of: name)))
    }
    return specs
  }

  public func spec(of topic: String) throws(LogError) -> TopicSpec? {
    guard let partitions = try topicTable.partitions(of: topic) else { return nil }
    return KafkaTopicConfiguration.spec(topic, partitions: partitions, try topicTable.configuration(of: topic))
  }

  public func partitions(of topic: String) throws(LogError) -> Int? {
    try topicTable.partitions(of: topic)
  }

  public func makeProducer(id: String?) throws(LogError) -> any LogProducer {
    if let id { try Names.check(id, "A producer") }
    return try KafkaProducer(topicTable, name: id, options)
  }

  public func makeReader() throws(LogError) -> any LogReader {
    try KafkaReader(topicTable, options)
  }

  public func join(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    try Names.check(group, "A group")
    try Names.check(member, "A worker")
    let partitions = try TopicRules.partitions(of: topics, group: group, in: self)
    return try KafkaConsumer(group: group, topics: topics, partitions: partitions, member: member, topicTable, options)
  }

  public func joinAlone(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    try Names.check(group, "A group")
    let members = try topicTable.members(of: group)
    guard members.isEmpty else {
      throw LogError(
        .groupOwned,
        "Group \(group) is at work: \(members.sorted().joined(separator: ", ")). Stop that first; one that was stopped "
          + "leaves within its session timeout.",
        retriable: true)
    }
    let partitions = try TopicRules.partitions(of: topics, group: group, in: self)
    return try KafkaConsumer(group: group, topics: topics, partitions: partitions, member: nil, topicTable, options)
  }

  /// Nothing: the cluster does it.
  public func maintain(now: Int64, workedOff: Int64) {}
}

import Bytes
import Events
import Log

/// Where each kind of event goes: fixed when the producer opens.
struct Routes: Sendable {
  private let names: TopicNames
  private let partitions: [Topic: Int]

  /// - Throws: where a topic is missing, or where topics that Join merges differ in their number of partitions.
  init(log: any Log, names: TopicNames, key: ProducerConfiguration.Key) throws(ClientError) {
    self.names = names
    var partitions: [Topic: Int] = [:]
    do throws(LogError) {
      for topic in [Topic.predictions, .labels, .features] {
        partitions[topic] = try log.partitions(of: names[topic])
      }
    } catch {
      throw ClientError("cannot look up the topics of the log", error)
    }
    self.partitions = partitions
    try checkJoined(key == .entity ? [.predictions, .labels, .features] : [.predictions, .labels])
  }

  private func checkJoined(_ topics: [Topic]) throws(ClientError) {
    for topic in topics where partitions[topic] == nil { throw missing(topic) }
    if Set(topics.map { partitions[$0] }).count > 1 {
      let counts = topics.map { "\(names[$0]) has \(partitions[$0] ?? 0)" }.joined(separator: ", ")
      let most = topics.compactMap { partitions[$0] }.max() ?? 0
      let fewer = topics.filter { partitions[$0] != most }.map { names[$0] }.joined(separator: ", ")
      throw ClientError(
        .topics,
        "topics that are joined must have the same number of partitions, but \(counts): give \(fewer) \(most) as well "
          + "and set topics.partitions to \(most); leeway topics check names all that need it")
    }
  }

  func partition(of topic: Topic, key: [UInt8]) throws(ClientError) -> TopicPartition {
    guard let count = partitions[topic] else { throw missing(topic) }
    return TopicPartition(names[topic], Murmur2.partition(of: key, among: count))
  }

  private func missing(_ topic: Topic) -> ClientError {
    ClientError(.topics, "topic \(names[topic]) does not exist: create the topics first, or correct the topic prefix")
  }
}

import CRdKafka
@testable import EventLog
import KafkaMock
import Log

/// A mock cluster with the log on it.
final class MockPlace: LogPlace {
  let cluster: MockCluster

  init(brokers: Int = 1) throws {
    cluster = try MockCluster(brokers: brokers)
    // In the mock cluster a topic comes into being when it is asked for, but for this one.
    cluster.setError(of: "none", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
  }

  func open() throws -> any Log { MockLog(cluster, try KafkaLog(options())) }

  func options(_ properties: [String: String] = [:], patience: Int = 20_000) -> KafkaOptions {
    let quick = ["session.timeout.ms": "3400", "heartbeat.interval.ms": "200"]
    return KafkaOptions(
      servers: cluster.servers, properties: quick.merging(properties) { $1 }, patienceMilliseconds: patience)
  }
}

/// A log on Kafka whose topics come into being in the mock cluster, which has no requests for that.
private struct MockLog: Log {
  let cluster: MockCluster
  let log: KafkaLog

  init(_ cluster: MockCluster, _ log: KafkaLog) { (self.cluster, self.log) = (cluster, log) }

  func create(_ topic: TopicSpec) throws(LogError) {
    try TopicRules.check(topic)
    do {
      try cluster.createTopic(topic.name, partitions: topic.partitions)
    } catch {
      throw LogError(.topicExists, "The mock cluster does not take topic \(topic.name).")
    }
  }

  func topics() throws(LogError) -> [TopicSpec] { try log.topics() }
  func spec(of topic: String) throws(LogError) -> TopicSpec? { try log.spec(of: topic) }
  func partitions(of topic: String) throws(LogError) -> Int? { try log.partitions(of: topic) }
  func makeProducer(id: String?) throws(LogError) -> any LogProducer { try log.makeProducer(id: id) }
  func makeReader() throws(LogError) -> any LogReader { try log.makeReader() }
  func join(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    try log.join(group: group, topics: topics, member: member)
  }
  func maintain(now: Int64, workedOff: Int64) throws(LogError) { log.maintain(now: now, workedOff: workedOff) }
}

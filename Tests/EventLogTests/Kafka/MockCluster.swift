import CRdKafka
@testable import EventLog
import Log
import Synchronization
import Testing

/// librdkafka's cluster inside this process.
///
/// It speaks the protocol, and answers with errors that it is told to; it knows no settings of topics, keeps no offsets that
/// come with a transaction, shows records that are not committed, fences nobody, finds nothing by time and keeps 5 MB a
/// partition.
final class MockCluster: @unchecked Sendable {
  /// Kinds of requests, by their numbers in the protocol.
  enum Request: Int16 {
    case produce = 0, fetch, listOffsets, metadata
    case offsetCommit = 8, offsetFetch, findCoordinator, joinGroup, heartbeat, leaveGroup, syncGroup
    case initProducerId = 22, addPartitions = 24, addOffsets = 25, endTransaction = 26, txnOffsetCommit = 28
  }

  enum Coordinator: String { case transaction, group }

  let servers: String
  private let client: OpaquePointer
  private let cluster: OpaquePointer

  init(brokers: Int = 1) throws {
    var text = [CChar](repeating: 0, count: 512)
    let configuration = rd_kafka_conf_new()
    rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in }
    client = try #require(rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count))
    cluster = try #require(rd_kafka_mock_cluster_new(client, Int32(brokers)))
    servers = try String(cString: #require(rd_kafka_mock_cluster_bootstraps(cluster)))
  }

  deinit {
    rd_kafka_mock_cluster_destroy(cluster)
    rd_kafka_destroy(client)
  }

  func createTopic(_ name: String, partitions: Int) throws {
    let code = rd_kafka_mock_topic_create(cluster, name, Int32(partitions), 1)
    try #require(code == RD_KAFKA_RESP_ERR_NO_ERROR)
  }

  /// The next requests of this kind are answered with these errors, one each.
  func fail(_ request: Request, with errors: [rd_kafka_resp_err_t]) {
    rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, errors)
  }

  func setUp(_ isUp: Bool, broker: Int = -1) {
    _ =
      isUp
      ? rd_kafka_mock_broker_set_up(cluster, Int32(broker))
      : rd_kafka_mock_broker_set_down(cluster, Int32(broker))
  }

  func setLeader(of partition: TopicPartition, _ broker: Int) {
    rd_kafka_mock_partition_set_leader(cluster, partition.topic, Int32(partition.partition), Int32(broker))
  }

  func setCoordinator(_ kind: Coordinator, of name: String, _ broker: Int) {
    rd_kafka_mock_coordinator_set(cluster, kind.rawValue, name, Int32(broker))
  }

  func setError(of topic: String, _ error: rd_kafka_resp_err_t) {
    rd_kafka_mock_topic_set_error(cluster, topic, error)
  }

  func setDelay(milliseconds: Int) {
    rd_kafka_mock_broker_set_rtt(cluster, -1, Int32(milliseconds))
  }
}

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

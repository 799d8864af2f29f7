public import CRdKafka
public import Log
import Testing

/// librdkafka's cluster inside this process.
///
/// It speaks the protocol, and answers with errors that it is told to; it knows no settings of topics, keeps no offsets that
/// come with a transaction, shows records that are not committed, fences nobody, finds nothing by time and keeps 5 MB a
/// partition.
public final class MockCluster: @unchecked Sendable {
  /// Kinds of requests, by their numbers in the protocol.
  public enum Request: Int16, Sendable {
    case produce = 0, fetch, listOffsets, metadata
    case offsetCommit = 8, offsetFetch, findCoordinator, joinGroup, heartbeat, leaveGroup, syncGroup
    case initProducerId = 22, addPartitions = 24, addOffsets = 25, endTransaction = 26, txnOffsetCommit = 28
  }

  public enum Coordinator: String, Sendable { case transaction, group }

  public let servers: String
  private let client: OpaquePointer
  private let cluster: OpaquePointer

  public init(brokers: Int = 1) throws {
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

  public func createTopic(_ name: String, partitions: Int) throws {
    let code = rd_kafka_mock_topic_create(cluster, name, Int32(partitions), 1)
    try #require(code == RD_KAFKA_RESP_ERR_NO_ERROR)
  }

  /// The next requests of this kind are answered with these errors, one each.
  public func fail(_ request: Request, with errors: [rd_kafka_resp_err_t]) {
    rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, errors)
  }

  public func setUp(_ isUp: Bool, broker: Int = -1) {
    _ =
      isUp
      ? rd_kafka_mock_broker_set_up(cluster, Int32(broker))
      : rd_kafka_mock_broker_set_down(cluster, Int32(broker))
  }

  public func setLeader(of partition: TopicPartition, _ broker: Int) {
    rd_kafka_mock_partition_set_leader(cluster, partition.topic, Int32(partition.partition), Int32(broker))
  }

  public func setCoordinator(_ kind: Coordinator, of name: String, _ broker: Int) {
    rd_kafka_mock_coordinator_set(cluster, kind.rawValue, name, Int32(broker))
  }

  public func setError(of topic: String, _ error: rd_kafka_resp_err_t) {
    rd_kafka_mock_topic_set_error(cluster, topic, error)
  }

  public func setDelay(milliseconds: Int) {
    rd_kafka_mock_broker_set_rtt(cluster, -1, Int32(milliseconds))
  }
}

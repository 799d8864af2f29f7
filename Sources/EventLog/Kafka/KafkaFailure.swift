import CRdKafka
import Log

/// An error of librdkafka, taken out of the object that carried it.
struct KafkaFailure {
  let code: rd_kafka_resp_err_t
  let text: String
  var isFatal = false
  var isRetriable = false
  var requiresAbort = false
  /// Whose record it is about.
  var topic: String?

  init(_ code: rd_kafka_resp_err_t) {
    self.code = code
    text = String(cString: rd_kafka_err2str(code))
    isRetriable = Self.passing.contains { $0 == code }
  }

  /// Takes ownership of `error`.
  /// - Returns: nil where there is none.
  init?(taking error: OpaquePointer?) {
    guard let error else { return nil }
    defer { rd_kafka_error_destroy(error) }
    code = rd_kafka_error_code(error)
    text = String(cString: rd_kafka_error_string(error))
    isFatal = rd_kafka_error_is_fatal(error) != 0
    isRetriable = rd_kafka_error_is_retriable(error) != 0
    requiresAbort = rd_kafka_error_txn_requires_abort(error) != 0
  }

  /// Errors that pass by themselves.
  private static let passing = [
    RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
    RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
    RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
    RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
    RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
    RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
    RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
    RD_KAFKA_RESP_ERR_NOT_CONTROLLER, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
    RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
    RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT,
    RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
  ]

  /// Who may read, write or connect is not for a retry to change.
  private static let denials = [
    RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
    RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR_SECURITY_DISABLED,
  ]

  /// Another worker holds the place.
  private static let fences = [
    RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
    RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
    RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST,
  ]

  private static let oversizes = [
    RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
    RD_KAFKA_RESP_ERR__QUEUE_FULL,
  ]

  /// The partition's membership has changed hands while the worker was at it.
  var isFencing: Bool { Self.fences.contains { $0 == code } }
  var isDenial: Bool { Self.denials.contains { $0 == code } }
  var isOversize: Bool { Self.oversizes.contains { $0 == code } }
  /// Whether writing the same records again comes to the same. A rebalance moves the generation on under a worker that
  /// keeps its place: with the new one, the same commit is taken.
  var isLasting: Bool {
    isOversize || isFencing && code != RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || isDenial
      || code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID || code == RD_KAFKA_RESP_ERR_INVALID_RECORD
  }

  /// - Parameters:
  ///   - doing: what failed, as the beginning of a sentence: "Topic t cannot be created".
  ///   - hint: what the library said last, where that tells more.
  ///   - isRestartable: whether a new handle, which takes up after the last commit, may fare better.
  func error(
    _ doing: String, hint: String? = nil, partition: TopicPartition? = nil, isRestartable: Bool = false
  ) -> LogError {
    let cause = hint.map { "\(text) (\($0))" } ?? text
    if isDenial {
      return LogError(
        .denied, "\(doing): \(cause). Check the credentials, security.protocol and the rights that the cluster gives.",
        partition: partition)
    }
    if code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID {
      return LogError(
        .fenced, "\(doing): another worker of the group runs under the same name. Give each worker a name of its own.",
        partition: partition)
    }
    if isFencing {
      return LogError(
        .fenced,
        "\(doing): another worker has taken over, the cluster was out of reach for longer than the session, or a transaction "
          + "went past transaction.timeout.ms (\(cause)). This one starts again from the last commit; if it comes back, two "
          + "workers may have the same name.",
        retriable: true, partition: partition)
    }
    if isOversize {
      let remedy =
        code == RD_KAFKA_RESP_ERR__QUEUE_FULL
        ? "It is larger than all that may wait to be sent: raise queue.buffering.max.kbytes."
        : "Raise max.message.bytes of the topic and message.max.bytes of the client."
      return LogError(.tooLarge, "\(doing): \(cause). \(remedy)", partition: partition)
    }
    switch code {
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return LogError(
        .invalidArgument, "\(doing): \(cause). Records of a compacted topic need a key.", partition: partition)
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
      RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return LogError(
        .unknownTopic, "\(doing): \(cause). Was the topic deleted? `leeway topics check` compares them with the plan.",
        partition: partition)
    default:
      return LogError(
        .unavailable, "\(doing): \(cause).", retriable: isRetriable || isFatal || isRestartable, partition: partition)
    }
  }
}

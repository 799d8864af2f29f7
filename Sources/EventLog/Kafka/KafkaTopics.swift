import CRdKafka
import Log
import Synchronization

/// Looks topics up, creates and describes them. Shared by the handles of a log, none of which waits here for another's
/// question.
final class KafkaTopics: Sendable {
  private let options: KafkaOptions
  private let handle: KafkaHandle
  /// Sees what is not committed too.
  private let unguarded = Mutex<KafkaHandle?>(nil)
  /// Partitions by topic, as they were seen last.
  private let known = Mutex<[String: Int]>([:])
  /// The least of the topics' limits that a batch was found to exceed.
  private let leastBatch = Mutex(Int.max)

  init(_ options: KafkaOptions) throws(LogError) {
    self.options = options
    // A consumer's questions never make a broker create a topic.
    handle = try KafkaHandle(RD_KAFKA_CONSUMER, options, settings: [:])
  }

  // MARK: Looking up

  /// All topics but the cluster's own, with their number of partitions.
  func all() throws(LogError) -> [String: Int] {
    let found = try metadata(of: nil)
    known.withLock { $0 = found }
    return found.filter { !$0.key.hasPrefix("__") }
  }

  /// The number of partitions; nil where the topic is not there.
  func partitions(of topic: String) throws(LogError) -> Int? {
    let found = try metadata(of: topic)[topic]
    known.withLock { $0[topic] = found }
    return found
  }

  /// - Throws: `unknownTopic` or `unknownPartition`.
  func check(_ partition: TopicPartition) throws(LogError) {
    if let count = known.withLock({ $0[partition.topic] }), (0..<count).contains(partition.partition) { return }
    guard let count = try partitions(of: partition.topic) else {
      throw LogError(
        .unknownTopic, "Kafka at \(options.servers) has no topic \(partition.topic). Create it first.",
        partition: partition)
    }
    guard (0..<count).contains(partition.partition) else {
      throw LogError(
        .unknownPartition, "Topic \(partition.topic) has partitions 0 to \(count - 1), not \(partition.partition).",
        partition: partition)
    }
  }

  /// How large batches may be, as far as a topic has refused one.
  var batchBytes: Int { leastBatch.withLock { $0 } }

  func limitBatches(to bytes: Int) { leastBatch.withLock { $0 = min($0, max(bytes, 1)) } }

  /// The largest batch that a topic takes, in bytes; nil where that cannot be found out.
  func largestBatch(of topic: String) -> Int? {
    (try? configuration(of: topic, patience: 2_000))?["max.message.bytes"].flatMap { Int($0) }
  }

  /// Why no broker answers within a second; nil where one does.
  var outage: String? {
    guard let client = handle.pointer else { return "closed" }
    var metadata: UnsafePointer<rd_kafka_metadata>?
    // All topics: asked for those that it knows, the library lets the broker create what has been deleted since.
    let code = rd_kafka_metadata(client, 1, nil, &metadata, 1_000)
    if let metadata { rd_kafka_metadata_destroy(metadata) }
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { return handle.trouble ?? KafkaFailure(code).text }
    handle.noteAccess()
    return nil
  }

  func bounds(of partition: TopicPartition) throws(LogError) -> Range<Int64> {
    try handle.bounds(of: partition)
  }

  func ends(of partitions: [TopicPartition]) throws(LogError) -> [TopicPartition: PartitionEnd] {
    // In this order: where both are the same, nothing was waiting when the second was asked.
    let stable = try handle.ends(of: partitions)
    let last = try unguardedHandle().ends(of: partitions)
    return stable.reduce(into: [:]) { ends, item in
      ends[item.key] = PartitionEnd(stable: item.value, last: max(item.value, last[item.key] ?? item.value))
    }
  }

  /// Waits for the end of every transaction that is open in the partition now.
  func settle(_ partition: TopicPartition) throws(LogError) {
    let end = try unguardedHandle().bounds(of: partition).upperBound
    let deadline = SystemCalls.steadyMilliseconds() + Int64(options.patienceMilliseconds)
    while try bounds(of: partition).upperBound < end {
      guard SystemCalls.steadyMilliseconds() < deadline else {
        throw LogError(
          .unavailable,
          "\(partition) has held a transaction open for \(options.patienceMilliseconds / 1_000) s, and what comes behind it "
            + "cannot be read. Leeway's own last \(options.transactionMilliseconds / 1_000) s at most: another program "
            + "writes there, and the cluster ends what that has begun when its transaction.timeout.ms is over.",
          retriable: true, partition: partition)
      }
      SystemCalls.sleep(microseconds: 20_000)
    }
  }

  private func unguardedHandle() throws(LogError) -> KafkaHandle {
    if let made = unguarded.withLock({ $0 }) { return made }
    let new = try KafkaHandle(RD_KAFKA_CONSUMER, options, settings: ["isolation.level": "read_uncommitted"])
    // Another caller may have been first; the one that is not kept ends here, outside the lock.
    return unguarded.withLock { kept in
      kept = kept ?? new
      return kept ?? new
    }
  }

  func offset(in partition: TopicPartition, atOrAfter time: Int64) throws(LogError) -> Int64? {
    try handle.offset(in: partition, atOrAfter: time)
  }

  private func metadata(of topic: String?) throws(LogError) -> [String: Int] {
    let client = try handle.open()
    let name = topic.flatMap { rd_kafka_topic_new(client, $0, nil) }
    defer { if let name { rd_kafka_topic_destroy(name) } }
    var left = handle.options.patienceMilliseconds
    while true {
      var metadata: UnsafePointer<rd_kafka_metadata>?
      let code = rd_kafka_metadata(client, topic == nil ? 1 : 0, name, &metadata, Int32(min(left, 1_000)))
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
        let doing = "Kafka at \(handle.options.servers) does not answer"
        try handle.checkAccess(doing)
        try handle.checkFit(doing)
        left -= 1_000
        let failure = KafkaFailure(code)
        guard failure.isRetriable, left > 0 else { throw failure.error(doing, hint: handle.trouble) }
        continue
      }
      defer { rd_kafka_metadata_destroy(metadata) }
      handle.noteAccess()
      var found: [String: Int] = [:]
      for index in 0..<Int(metadata.pointee.topic_cnt) {
        let topic = metadata.pointee.topics[index]
        switch topic.err {
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION: continue
        case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
          found[String(cString: topic.topic)] = Int(topic.partition_cnt)
        default: throw KafkaFailure(topic.err).error("Topic \(String(cString: topic.topic)) cannot be looked up")
        }
      }
      return found
    }
  }

  // MARK: Administration

  func create(_ topic: TopicSpec) throws(LogError) {
    var text = [CChar](repeating: 0, count: 512)
    let replicas = Int32(clamping: options.replicas ?? -1)
    guard let new = rd_kafka_NewTopic_new(topic.name, Int32(clamping: topic.partitions), replicas, &text, text.count)
    else { throw LogError(.invalidArgument, "Topic \(topic.name): \(KafkaHandle.string(text, options)).") }
    defer { rd_kafka_NewTopic_destroy(new) }
    for (name, value) in KafkaTopicConfiguration.values(of: topic) { rd_kafka_NewTopic_set_config(new, name, value) }
    var list: [OpaquePointer?] = [new]
    let doing = "Topic \(topic.name) cannot be created"
    try ask(
      RD_KAFKA_ADMIN_OP_CREATETOPICS, doing, rd_kafka_event_CreateTopics_result, rd_kafka_CreateTopics_result_topics
    ) {
      rd_kafka_CreateTopics($0, &list, 1, $1, $2)
    } answer: { created throws(LogError) in
      let code = rd_kafka_topic_result_error(created)
      guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
      if code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS {
        throw LogError(.topicExists, "Topic \(topic.name) is there already.")
      }
      let reason = rd_kafka_topic_result_error_string(created).map { String(cString: $0) }
      if code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR {
        let wanted = options.replicas.map { "\($0) replicas" } ?? "the cluster's default number of replicas"
        throw LogError(
          .invalidArgument,
          "\(doing) with \(wanted): the cluster has fewer brokers. Set log.kafka.replicas to at most their number.")
      }
      throw KafkaFailure(code).error(doing, hint: reason)
    }
  }

  /// A topic's settings as the cluster has them.
  func configuration(of topic: String, patience: Int = .max) throws(LogError) -> [String: String] {
    let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)
    defer { rd_kafka_ConfigResource_destroy(resource) }
    var list = [resource]
    let doing = "The settings of topic \(topic) cannot be read"
    return try ask(
      RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, doing, rd_kafka_event_DescribeConfigs_result,
      rd_kafka_DescribeConfigs_result_resources, patience: patience
    ) {
      rd_kafka_DescribeConfigs($0, &list, 1, $1, $2)
    } answer: { described throws(LogError) in
      let code = rd_kafka_ConfigResource_error(described)
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaFailure(code).error(doing) }
      var values: [String: String] = [:]
      var count = 0
      guard let entries = rd_kafka_ConfigResource_configs(described, &count) else { return values }
      for entry in UnsafeBufferPointer(start: entries, count: count) {
        guard let name = rd_kafka_ConfigEntry_name(entry), let value = rd_kafka_ConfigEntry_value(entry) else {
          continue
        }
        values[String(cString: name)] = String(cString: value)
      }
      return values
    }
  }

  /// Those who are at work in a group, by the names of their clients and hosts.
  func members(of group: String) throws(LogError) -> [String] {
    let doing = "Group \(group) cannot be looked up"
    return try ask(
      RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, doing, rd_kafka_event_DescribeConsumerGroups_result,
      rd_kafka_DescribeConsumerGroups_result_groups
    ) { client, settings, queue in
      group.withCString { name in
        var names: [UnsafePointer<CChar>?] = [name]
        rd_kafka_DescribeConsumerGroups(client, &names, 1, settings, queue)
      }
    } answer: { described throws(LogError) in
      if let error = rd_kafka_ConsumerGroupDescription_error(described) {
        throw KafkaFailure(rd_kafka_error_code(error)).error(doing)
      }
      return (0..<rd_kafka_ConsumerGroupDescription_member_count(described)).map { index in
        let member = rd_kafka_ConsumerGroupDescription_member(described, index)
        let name = rd_kafka_MemberDescription_client_id(member).map { String(cString: $0) } ?? "somebody"
        return rd_kafka_MemberDescription_host(member).map { "\(name) at \(String(cString: $0))" } ?? name
      }
    }
  }

  /// What a group has committed.
  func committed(group: String) throws(LogError) -> [PartitionList.Element] {
    let asked = rd_kafka_ListConsumerGroupOffsets_new(group, nil)
    defer { rd_kafka_ListConsumerGroupOffsets_destroy(asked) }
    var list = [asked]
    let doing = "The offsets of group \(group) cannot be read"
    return try ask(
      RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, doing, rd_kafka_event_ListConsumerGroupOffsets_result,
      rd_kafka_ListConsumerGroupOffsets_result_groups,
      // So some brokers say of one that has never committed.
      otherwise: { $0.code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND ? [] : nil }
    ) { client, settings, queue in
      // Not before an open transaction that moves them has ended.
      if let error = rd_kafka_AdminOptions_set_require_stable_offsets(settings, 1) { rd_kafka_error_destroy(error) }
      rd_kafka_ListConsumerGroupOffsets(client, &list, 1, settings, queue)
    } answer: { listed throws(LogError) in
      if let error = rd_kafka_group_result_error(listed) {
        throw KafkaFailure(rd_kafka_error_code(error)).error(doing)
      }
      guard let partitions = rd_kafka_group_result_partitions(listed) else { return [] }
      if let failure = PartitionList.firstFailure(partitions) { throw failure.error(doing) }
      return PartitionList.elements(partitions).filter { $0.offset >= 0 }
    }
  }

  /// Sends one request about one thing and waits for what comes of it; again, where the error is one that passes.
  ///
  /// - Parameters:
  ///   - result, things: take the answer's one thing out of the event.
  ///   - otherwise: what an error of the request says all the same.
  ///   - answer: reads that thing, whose errors are its own.
  private func ask<Answer>(
    _ operation: rd_kafka_admin_op_t, _ doing: String, _ result: (OpaquePointer?) -> OpaquePointer?,
    _ things: (OpaquePointer?, UnsafeMutablePointer<Int>?) -> UnsafeMutablePointer<OpaquePointer?>?,
    patience: Int = .max, otherwise: (KafkaFailure) -> Answer? = { _ in nil },
    request: (_ client: OpaquePointer, _ settings: OpaquePointer?, _ queue: OpaquePointer?) -> Void,
    answer: (OpaquePointer?) throws(LogError) -> Answer
  ) throws(LogError) -> Answer {
    let client = try handle.open()
    let patience = min(options.patienceMilliseconds, patience)
    let slice = Int32(min(patience, 5_000))
    let settings = rd_kafka_AdminOptions_new(client, operation)
    defer { rd_kafka_AdminOptions_destroy(settings) }
    rd_kafka_AdminOptions_set_request_timeout(settings, slice, nil, 0)
    let queue = rd_kafka_queue_new(client)
    defer { rd_kafka_queue_destroy(queue) }
    let end = SystemCalls.steadyMilliseconds() + Int64(patience)
    while true {
      request(client, settings, queue)
      let event = rd_kafka_queue_poll(queue, slice + 1_000)
      defer { if let event { rd_kafka_event_destroy(event) } }
      do throws(LogError) {
        let failure = KafkaFailure(event.map { rd_kafka_event_error($0) } ?? RD_KAFKA_RESP_ERR__TIMED_OUT)
        guard failure.code == RD_KAFKA_RESP_ERR_NO_ERROR else {
          if let answer = otherwise(failure) { return answer }
          try handle.checkAccess(doing)
          throw failure.error(doing, hint: handle.trouble)
        }
        handle.noteAccess()
        var count = 0
        guard let found = result(event).flatMap({ things($0, &count) }), count == 1 else {
          throw KafkaFailure(RD_KAFKA_RESP_ERR__BAD_MSG).error(doing)
        }
        return try answer(found[0])
      } catch {
        guard error.retriable, SystemCalls.steadyMilliseconds() < end else { throw error }
        SystemCalls.sleep(microseconds: 100_000)
      }
    }
  }
}

import CRdKafka
import Log
import Synchronization

/// A worker's place in a consumer group of Kafka.
///
/// The group shares out the partitions of its first topic; the same partitions of the other topics come along, so that
/// what is joined always lies with one worker, whatever the assignor. Rebalances are told by `poll`, and take effect with
/// the poll after it, when the worker has said where it will read. Owned by one thread.
final class KafkaConsumer: LogConsumer {
  let group: String
  let topics: [String]
  /// Partitions of each topic.
  let partitions: Int
  let handle: KafkaHandle
  /// Asks through a client of its own: behind a fetch that waits for records, a question would wait too.
  let topicTable: KafkaTopics
  private let transaction: KafkaTransaction
  /// One for each topic, so that a topic that is not read fills its own queue and no other's.
  private(set) var queues: [String: OpaquePointer] = [:]
  /// The library's own of every partition that is or was this worker's, forwarded to those.
  var feeds: [TopicPartition: OpaquePointer] = [:]
  private let messages = KafkaMessages(capacity: 10_000)
  private var wakers: [String: FetchWaker] = [:]
  /// The library's own queue, on which rebalances and errors come.
  private(set) var main: OpaquePointer?
  /// Partitions that are this worker's, with the next offset to be handed out.
  var positions: [TopicPartition: Int64] = [:]
  /// The group's offsets of the partitions that are this worker's.
  var standing: [TopicPartition: Int64] = [:]
  /// Where partitions were found to end.
  var ends: [TopicPartition: Int64] = [:]
  /// Told by the last poll, and waiting for the worker to act on it.
  var pending: GroupChange?
  /// Where the worker will read the partitions of a pending assignment.
  var starts: [TopicPartition: Int64] = [:]
  /// An error that came behind records of the same poll: told when those have been handed out.
  var fault: (failure: KafkaFailure, partition: TopicPartition)?
  /// Whether the group has decided anything yet.
  var hasJoined = false
  private var isClosed = false

  /// - Parameter member: the name under which its place is kept for a while when it goes; nil keeps none.
  init(
    group: String, topics: [String], partitions: Int, member: String?, _ topicTable: KafkaTopics,
    _ options: KafkaOptions
  ) throws(LogError) {
    (self.group, self.topics, self.partitions, self.topicTable) = (group, topics, partitions, topicTable)
    // First: it ends the transaction of an earlier worker of this name, before its offsets are asked for.
    transaction = try KafkaTransaction(id: "\(group).\(member ?? "guest")", notesOffsets: false, topicTable, options)
    handle = try KafkaHandle(
      RD_KAFKA_CONSUMER, options,
      settings: [
        "group.id": group, "client.id": "leeway.\(member ?? "guest")",
        "enable.auto.commit": "false", "enable.auto.offset.store": "false", "isolation.level": "read_committed",
        "auto.offset.reset": "error", "enable.partition.eof": "true",
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": "\(KafkaLimits.sessionMilliseconds)",
        "heartbeat.interval.ms": "\(KafkaLimits.sessionMilliseconds / 10)",
        "fetch.wait.max.ms": "\(KafkaLimits.fetchWaitMilliseconds)",
        "queued.min.messages": "\(KafkaLimits.queuedRecords)",
        "queued.max.messages.kbytes": "\(KafkaLimits.queuedKilobytes)",
      ].merging(member.map { ["group.instance.id": $0] } ?? [:]) { $1 }
    ) { rd_kafka_conf_set_rebalance_cb($0, KafkaConsumer.rebalanced) }
    try subscribe()
  }

  private func subscribe() throws(LogError) {
    let client = try handle.open()
    rd_kafka_poll_set_consumer(client)
    main = rd_kafka_queue_get_consumer(client)
    if let main { handle.context.bell.attach(to: main) }
    for topic in topics {
      guard let queue = rd_kafka_queue_new(client) else { continue }
      handle.context.bell.attach(to: queue)
      queues[topic] = queue
    }
    let list = PartitionList([TopicPartition(topics[0], -1)])
    let failure = KafkaFailure(rd_kafka_subscribe(client, list.pointer))
    guard failure.code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw failure.error("Group \(group) cannot be joined") }
  }

  deinit { close() }

  func close() {
    guard !isClosed, let client = handle.pointer else { return }
    isClosed = true
    transaction.close()
    let isDecided = awaitDecision(client, until: SystemCalls.steadyMilliseconds() + KafkaLimits.decisionMilliseconds)
    handle.context.state.withLock { $0.isClosing = true }
    let hasLeft = leave(client, until: SystemCalls.steadyMilliseconds() + KafkaLimits.leaveMilliseconds)
    let sources = Array(queues.values) + Array(feeds.values)
    for queue in sources {
      // What lies there holds on to its partition, and the library's end would wait for one that the cluster has removed.
      while messages.take(from: queue, limit: .max, { _ in }) > 0 {}
    }
    for queue in sources + [main].compactMap(\.self) {
      rd_kafka_queue_cb_event_enable(queue, nil, nil)
      rd_kafka_queue_destroy(queue)
    }
    (queues, feeds, main) = ([:], [:], nil)
    if isDecided, hasLeft { handle.destroy() } else { handle.abandon() }
  }

  // MARK: Reading

  func poll(_ topics: [String], limit: ReadLimit) throws(LogError) -> Polled {
    try check(topics)
    let deadline = SystemCalls.steadyMilliseconds() + Int64(handle.options.patienceMilliseconds)
    while true {
      if let change = try takePart() { return change }
      let fetches = try gather(topics, limit)
      if !fetches.isEmpty { return .records(fetches) }
      // Only what has been seen to end holds nothing: the rest may be on its way.
      let open = positions.keys.filter { topics.contains($0.topic) && !isAtEnd($0) }.sorted()
      guard let first = open.first else { return .idle }
      guard SystemCalls.steadyMilliseconds() < deadline else {
        throw KafkaFailure(RD_KAFKA_RESP_ERR__TIMED_OUT).error(
          "\(first) cannot be read", hint: handle.trouble, partition: first)
      }
      let waited = SystemCalls.steadyMilliseconds()
      handle.context.bell.wait(milliseconds: 4 * KafkaLimits.fetchWaitMilliseconds)
      if SystemCalls.steadyMilliseconds() - waited >= 4 * KafkaLimits.fetchWaitMilliseconds { try findEnds(of: open) }
    }
  }

  private func isAtEnd(_ partition: TopicPartition) -> Bool {
    guard let position = positions[partition], let end = ends[partition] else { return false }
    return position >= end
  }

  /// The library tells an end once; where it has told it before a partition came back to us, it is asked for.
  private func findEnds(of open: [TopicPartition]) throws(LogError) {
    for (partition, offset) in try reached(open) {
      if try offset >= topicTable.bounds(of: partition).upperBound { ends[partition] = positions[partition] }
    }
  }

  /// How far partitions have been read, control records too, which nobody sees.
  private func reached(_ partitions: [TopicPartition]) throws(LogError) -> [(TopicPartition, Int64)] {
    let list = PartitionList(partitions)
    rd_kafka_position(try handle.open(), list.pointer)
    return list.elements.map { ($0.partition, max(positions[$0.partition] ?? 0, $0.offset)) }
  }

  private func gather(_ topics: [String], _ limit: ReadLimit) throws(LogError) -> [Fetch] {
    var fetches: [Fetch] = []
    var (records, bytes) = (limit.records, limit.bytes)
    for topic in topics where records > 0 && bytes > 0 && fault == nil {
      for fetch in try fetch(topic, records) {
        records -= fetch.records.count
        bytes -= fetch.records.reduce(0) { $0 + ($1.record.value?.count ?? 0) }
        fetches.append(fetch)
      }
    }
    if fetches.isEmpty, let (failure, partition) = fault {
      fault = nil
      try report(failure, partition)
    }
    return fetches
  }

  private func fetch(_ topic: String, _ limit: Int) throws(LogError) -> [Fetch] {
    guard let queue = queues[topic] else { return [] }
    var fetches: [Fetch] = []
    var (records, bytes) = (0, 0)
    _ = messages.take(from: queue, limit: limit) { messages in
      var byPartition: [Int32: [KafkaMessages.Message]] = [:]
      var ends: [Int32: Int64] = [:]
      for case .some(let message) in messages {
        let raw = message.pointee
        switch raw.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
          byPartition[raw.partition, default: []].append(message)
          records += 1
          bytes += raw.len
        case RD_KAFKA_RESP_ERR__PARTITION_EOF: ends[raw.partition] = raw.offset
        default: note(KafkaFailure(raw.err), TopicPartition(topic, Int(raw.partition)))
        }
      }
      for number in Set(byPartition.keys).union(ends.keys).sorted() {
        let partition = TopicPartition(topic, Int(number))
        if let fetch = take(byPartition[number] ?? [], of: partition, end: ends[number]) { fetches.append(fetch) }
      }
    }
    wakers[topic, default: FetchWaker()].took(
      records: records, bytes: bytes, of: positions.keys.filter { $0.topic == topic }, try handle.open())
    return fetches
  }

  /// - Parameter end: where the partition was found to end behind these messages.
  private func take(_ messages: [KafkaMessages.Message], of partition: TopicPartition, end: Int64?) -> Fetch? {
    // Not ours any more, or from before a seek.
    guard let position = positions[partition] else { return nil }
    let fresh = messages.filter { $0.pointee.offset >= position }
    var next = fresh.last.map { $0.pointee.offset + 1 } ?? position
    // Behind the last record may lie control records, which nobody sees.
    if let end {
      next = max(next, end)
      ends[partition] = end
    }
    guard next > position else { return nil }
    positions[partition] = next
    return Fetch(partition: partition, records: Array(fresh), next: next, end: max(end ?? next, next))
  }

  private func note(_ failure: KafkaFailure, _ partition: TopicPartition) {
    // With one that passes the library goes on by itself.
    guard fault == nil, !failure.isRetriable, positions[partition] != nil else { return }
    fault = (failure, partition)
  }

  private func report(_ failure: KafkaFailure, _ partition: TopicPartition) throws(LogError) {
    switch failure.code {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      throw KafkaReader.outOfRange(partition, positions[partition] ?? 0, try topicTable.bounds(of: partition))
    default: throw failure.error("\(partition) cannot be read", hint: handle.trouble, partition: partition)
    }
  }

  func wait(_ topics: [String], milliseconds: Int) throws(LogError) {
    try check(topics)
    let end = SystemCalls.steadyMilliseconds() + Int64(max(0, min(milliseconds, Int(Int32.max))))
    while true {
      let isEmpty = topics.allSatisfy { queues[$0].map { rd_kafka_queue_length($0) == 0 } ?? true }
      guard isEmpty, !hasNews, fault == nil else { return }
      let left = end - SystemCalls.steadyMilliseconds()
      guard left > 0 else { return }
      handle.context.bell.wait(milliseconds: Int(left))
    }
  }

  func hasReadAll(_ topics: [String]) throws(LogError) -> Bool {
    try check(topics)
    guard hasJoined, !hasNews, fault == nil else { return false }
    for (partition, offset) in try reached(positions.keys.filter { topics.contains($0.topic) }) {
      if try topicTable.bounds(of: partition).upperBound > offset { return false }
    }
    return true
  }

  func seek(_ partition: TopicPartition, to offset: Int64) throws(LogError) {
    try check([partition.topic])
    guard (0..<partitions).contains(partition.partition) else {
      throw LogError(.unknownPartition, "\(partition) is not there: the topic has partitions 0 to \(partitions - 1).")
    }
    guard offset >= 0 else {
      throw LogError(.invalidArgument, "\(partition) has no offset \(offset). Offsets start at 0.")
    }
    if note(start: offset, of: partition) { return }
    guard let position = positions[partition] else {
      throw LogError(.invalidArgument, "\(partition) is not this worker's: it cannot be moved to \(offset).")
    }
    guard offset != position else { return }
    if fault?.partition == partition { fault = nil }
    positions[partition] = offset
    try move([partition])
  }

  /// Has the library go on from `positions`.
  func move(_ moved: [TopicPartition]) throws(LogError) {
    guard !moved.isEmpty else { return }
    let list = PartitionList(moved.map { ($0, positions[$0] ?? 0) })
    let client = try handle.open()
    var failure = KafkaFailure(taking: rd_kafka_seek_partitions(client, list.pointer, 10_000))
    var stopped: [TopicPartition] = []
    for element in list.elements {
      // Where there was nothing to read the library has given the partition up.
      if element.failure?.code == RD_KAFKA_RESP_ERR__STATE {
        stopped.append(element.partition)
      } else {
        failure = failure ?? element.failure
      }
    }
    if let failure {
      throw failure.error("\(moved.count) partitions cannot be moved", hint: handle.trouble, isRestartable: true)
    }
    try restart(stopped)
  }

  // MARK: Writing

  func send(_ outputs: [AppendBatch]) throws(LogError) {
    try check(outputs)
    try transaction.add(outputs)
  }

  func commit(outputs: [AppendBatch], offsets: [TopicPartition: Int64]) throws(LogError) {
    try check(outputs)
    // Where nothing has moved, an offset is told again, as the group is what refuses one who has lost its place.
    let told =
      offsets.isEmpty ? Array(standing.sorted { $0.key < $1.key }.prefix(1)) : offsets.sorted { $0.key < $1.key }
    let positions = told.map { ($0.key, $0.value, "") }
    let client = try handle.open()
    do throws(LogError) {
      _ = try transaction.commit(
        outputs,
        offsets: KafkaTransaction.Offsets(
          positions: { _ in positions }, group: { rd_kafka_consumer_group_metadata(client) }))
    } catch {
      throw explained(error)
    }
    standing.merge(offsets.filter { self.positions[$0.key] != nil }) { $1 }
  }

  /// Where a topic is not there, the library would look for it until time is up.
  private func check(_ outputs: [AppendBatch]) throws(LogError) {
    try checkOpen()
    for output in outputs { try topicTable.check(output.partition) }
  }

  private func check(_ topics: [String]) throws(LogError) {
    try checkOpen()
    for topic in topics where !self.topics.contains(topic) {
      throw LogError(
        .invalidArgument,
        "Group \(group) reads \(self.topics.joined(separator: ", ")), not \(topic). Join it with that topic.")
    }
  }

  private func checkOpen() throws(LogError) {
    guard !isClosed else { throw LogError(.closed, "This worker has left group \(group). Join it again.") }
  }
}

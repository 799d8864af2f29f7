import CRdKafka
import Log
import Synchronization

/// Writes to Kafka in transactions, one after the other.
///
/// What a transaction holds is kept until it is committed, so that one which the cluster makes us give up is written
/// again. Owned by one thread.
final class KafkaTransaction {
  /// What a transaction says of consumed offsets.
  struct Offsets {
    typealias Position = (partition: TopicPartition, offset: Int64, metadata: String)
    /// With what to remember beside each; gets the offset of each batch's first record, where they are noted.
    let positions: ([Int64]) -> [Position]
    /// Of the group, made anew for every attempt, for the caller to destroy: an old one is refused after a rebalance.
    let group: () -> OpaquePointer?
  }

  /// Attempts at one commit.
  private static let mostAttempts = 5

  let handle: KafkaHandle
  private let topicTable: KafkaTopics
  private let name: String
  private let notesOffsets: Bool
  private let sender = KafkaSender()
  private var topics: [String: OpaquePointer] = [:]
  private var content: [AppendBatch] = []
  /// How many batches of `content` the library has taken in this transaction.
  private var handed = 0
  private var isOpen = false
  /// The error in the middle of a transaction that was this writer's end: what became of that transaction is unknown, and
  /// nothing may be added to it.
  private var fault: LogError?
  /// The largest batch that the client makes, in bytes.
  private let batchBytes: Int
  /// Whether a topic takes smaller batches only, as a new writer makes them.
  private(set) var isOutgrown = false

  /// - Parameters:
  ///   - id: the transactional id: a newcomer under the same one puts an end to this writer.
  ///   - notesOffsets: whether `commit` is to say where the batches lie, which costs some time for each record.
  init(id: String, notesOffsets: Bool, _ topicTable: KafkaTopics, _ options: KafkaOptions) throws(LogError) {
    name = id
    self.notesOffsets = notesOffsets
    self.topicTable = topicTable
    batchBytes = min(options.batchBytes, topicTable.batchBytes)
    handle = try KafkaHandle(
      RD_KAFKA_PRODUCER, options.limitingBatches(to: batchBytes),
      settings: [
        "transactional.id": id, "transaction.timeout.ms": "\(options.transactionMilliseconds)", "linger.ms": "5",
        "queue.buffering.max.messages": "500000", "delivery.report.only.error": notesOffsets ? "false" : "true",
      ]
    ) { rd_kafka_conf_set_dr_msg_cb($0, KafkaSender.delivered) }
    try start()
  }

  deinit { close() }

  func close() {
    for topic in topics.values { rd_kafka_topic_destroy(topic) }
    topics = [:]
    handle.destroy()
  }

  private func start() throws(LogError) {
    let doing = "Writer \(name) cannot begin on \(handle.options.servers)"
    var left = handle.options.patienceMilliseconds
    while let failure = KafkaFailure(taking: rd_kafka_init_transactions(try handle.open(), Int32(min(left, 1_000)))) {
      try handle.checkAccess(doing)
      left -= 1_000
      guard failure.isRetriable, !failure.isFatal, left > 0 else { throw failure.error(doing, hint: handle.trouble) }
    }
    handle.noteAccess()
  }

  // MARK: Content

  /// Adds to the open transaction and lets it travel. What goes wrong with it shows when it is committed.
  ///
  /// - Throws: `tooLarge` where a record is larger than the client may send; none of `batches` is added then.
  func add(_ batches: [AppendBatch]) throws(LogError) {
    try checkAlive()
    content += batches
    guard let failure = try whole({ () throws(LogError) in try hand() }), failure.isOversize else { return }
    let refusal = refusal(failure)
    content.removeLast(batches.count)
    try giveUp(failure)
    throw refusal
  }

  private func checkAlive() throws(LogError) {
    if let fault { throw fault }
  }

  /// Runs a part of a transaction. One that is broken off by an error is the writer's end.
  private func whole<Result>(_ body: () throws(LogError) -> Result) throws(LogError) -> Result {
    do throws(LogError) {
      return try body()
    } catch {
      fault = error
      throw error
    }
  }

  /// Why what is at hand is too large, or that it goes in smaller batches.
  private func refusal(_ failure: KafkaFailure) -> LogError {
    let doing = "A record of \(name) is refused"
    guard failure.code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE else { return failure.error(doing) }
    let topics = failure.topic.map { [$0] } ?? Set(content.map(\.partition.topic)).sorted()
    let names = topics.joined(separator: ", ")
    let records = content.filter { topics.contains($0.partition.topic) }.flatMap(\.records)
    let largest = records.map(KafkaSender.size).max() ?? 0
    let own = handle.options.messageBytes
    guard largest <= own else {
      return LogError(
        .tooLarge,
        "\(doing): it has \(largest) bytes, and message.max.bytes of the client allows \(own). Raise that, and "
          + "max.message.bytes of topic \(names).")
    }
    guard let limit = topics.compactMap(topicTable.largestBatch).min() else {
      return LogError(
        .tooLarge,
        "\(doing): topic \(names) takes no batch so large (\(failure.text)), and its max.message.bytes cannot be read. Of "
          + "the records at hand the largest has \(largest) bytes: raise max.message.bytes of the topic above that, and "
          + "set batch.size of the client (\(batchBytes)) no higher.")
    }
    guard batchBytes > limit else {
      return LogError(
        .tooLarge,
        "\(doing): of those for topic \(names) the largest has \(largest) bytes, and max.message.bytes of the topic "
          + "allows \(limit). Raise that.")
    }
    topicTable.limitBatches(to: limit)
    isOutgrown = true
    return LogError(
      .unavailable,
      "Topic \(names) takes batches of \(limit) bytes at most (its max.message.bytes), and writer \(name) made larger "
        + "ones. A new one keeps to that.", retriable: true)
  }

  /// - Returns: why not everything could be handed over.
  private func hand() throws(LogError) -> KafkaFailure? {
    assert(handed <= content.count, "more was handed over than there is")
    guard handed < content.count else { return nil }
    try begin()
    while handed < content.count {
      let batch = content[handed]
      let topic = try topic(batch.partition.topic)
      if var failure = sender.send(batch, number: handed, to: topic, try handle.open()) {
        failure.topic = batch.partition.topic
        return failure
      }
      handed += 1
    }
    return nil
  }

  private func topic(_ name: String) throws(LogError) -> OpaquePointer {
    if let topic = topics[name] { return topic }
    guard let topic = rd_kafka_topic_new(try handle.open(), name, nil) else {
      throw KafkaFailure(rd_kafka_last_error()).error("Topic \(name) cannot be written")
    }
    topics[name] = topic
    return topic
  }

  private func begin() throws(LogError) {
    guard !isOpen else { return }
    handle.context.state.withLock { ($0.undelivered, $0.firstOffsets) = (nil, [:]) }
    if let failure = KafkaFailure(taking: rd_kafka_begin_transaction(try handle.open())) {
      throw failure.error("Writer \(name) cannot begin a transaction", hint: handle.trouble, isRestartable: true)
    }
    (isOpen, handed) = (true, 0)
  }

  // MARK: Commit

  /// Commits what was added, `batches` last, and `offsets`, as one.
  ///
  /// - Returns: the offset of each batch's first record, in the order in which they were added, where they are noted;
  ///   -1 for a batch without records.
  /// - Throws: `tooLarge` where a record is. Nothing is written then, and what was added before `batches` waits for the next
  ///   commit, as after every error but those that are the writer's end: it throws the same from then on.
  func commit(_ batches: [AppendBatch] = [], offsets: Offsets? = nil) throws(LogError) -> [Int64] {
    try checkAlive()
    content += batches
    do throws(LogError) {
      try commitContent(offsets)
    } catch {
      content.removeLast(batches.count)
      throw error
    }
    defer { (content, handed) = ([], 0) }
    return firstOffsets
  }

  private func commitContent(_ offsets: Offsets?) throws(LogError) {
    var attempt = 1
    while let failure = try whole({ () throws(LogError) in try attemptCommit(offsets) }) {
      try giveUp(failure)
      guard !failure.isOversize else { throw refusal(failure) }
      guard !failure.isLasting, attempt < Self.mostAttempts else {
        throw failure.error("Writer \(name) cannot commit", hint: handle.trouble, isRestartable: true)
      }
      SystemCalls.sleep(microseconds: 100_000)
      attempt += 1
    }
  }

  private var firstOffsets: [Int64] {
    let offsets = handle.context.state.withLock { $0.firstOffsets }
    return content.indices.map { offsets[$0] ?? -1 }
  }

  /// - Returns: why the transaction has to be given up; nil where it is committed.
  private func attemptCommit(_ offsets: Offsets?) throws(LogError) -> KafkaFailure? {
    try begin()
    if let failure = try hand() {
      // What became of an earlier record may still wait to be reported.
      rd_kafka_poll(try handle.open(), 200)
      return try reason(of: failure)
    }
    if notesOffsets {
      let failure = try repeating { client, milliseconds in
        let failure = KafkaFailure(rd_kafka_flush(client, milliseconds))
        return failure.code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : failure
      }
      if let failure = handle.context.state.withLock({ $0.undelivered }) ?? failure { return failure }
    }
    if let failure = try offsets.flatMap({ offsets throws(LogError) in try move(offsets) }) {
      return try reason(of: failure)
    }
    if let failure = try repeating({ KafkaFailure(taking: rd_kafka_commit_transaction($0, $1)) }) {
      return try reason(of: failure)
    }
    isOpen = false
    return nil
  }

  /// What became of a record says more than that the transaction failed; that it takes no more says nothing of why.
  private func reason(of failure: KafkaFailure) throws(LogError) -> KafkaFailure {
    rd_kafka_poll(try handle.open(), 0)
    let cause = handle.context.state.withLock { $0.undelivered } ?? failure
    guard !cause.isLasting else { return cause }
    // Refused in the middle of a transaction, with the error for which that one has to be given up.
    let refusal = KafkaFailure(taking: rd_kafka_begin_transaction(try handle.open()))
    return refusal.flatMap { $0.requiresAbort && $0.isLasting ? $0 : nil } ?? cause
  }

  private func move(_ offsets: Offsets) throws(LogError) -> KafkaFailure? {
    let positions = offsets.positions(firstOffsets)
    guard !positions.isEmpty else { return nil }
    return try repeating { client, milliseconds in
      guard let group = offsets.group() else { return KafkaFailure(RD_KAFKA_RESP_ERR__STATE) }
      defer { rd_kafka_consumer_group_metadata_destroy(group) }
      let list = PartitionList(positions.map { ($0.partition, $0.offset) })
      list.attach(positions.map(\.metadata))
      return KafkaFailure(taking: rd_kafka_send_offsets_to_transaction(client, list.pointer, group, milliseconds))
    }
  }

  /// Makes a call again and again while its errors are ones that pass.
  /// - Returns: the error that asks for an abort.
  /// - Throws: where the writer is at its end.
  private func repeating(
    _ body: (_ client: OpaquePointer, _ milliseconds: Int32) -> KafkaFailure?
  ) throws(LogError) -> KafkaFailure? {
    let end = SystemCalls.steadyMilliseconds() + Int64(handle.options.patienceMilliseconds)
    while let failure = body(try handle.open(), 2_000) {
      if failure.isFatal { throw failure.error("Writer \(name) is at its end", hint: handle.trouble) }
      guard !failure.requiresAbort, failure.isRetriable, SystemCalls.steadyMilliseconds() < end else { return failure }
      try handle.checkAccess("Writer \(name) is held up")
      SystemCalls.sleep(microseconds: 20_000)
    }
    handle.noteAccess()
    return nil
  }

  private func giveUp(_ cause: KafkaFailure) throws(LogError) {
    (isOpen, handed) = (false, 0)
    try whole { () throws(LogError) in
      guard let failure = try repeating({ KafkaFailure(taking: rd_kafka_abort_transaction($0, $1)) }) else { return }
      throw failure.error(
        "Writer \(name) can neither commit a transaction nor give it up", hint: cause.text, isRestartable: true)
    }
  }
}

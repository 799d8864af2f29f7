import CRdKafka
import Foundation
import Log
import Synchronization

/// What a group has decided about one member.
///
/// The library tells it in a callback and then waits until partitions are assigned or taken away, which may come later:
/// so the worker finishes its transaction, or restores its state, in between.
enum GroupChange {
  case assign([Int])
  case revoke([Int], isLost: Bool)

  var numbers: [Int] {
    switch self {
    case .assign(let numbers), .revoke(let numbers, _): numbers
    }
  }
}

extension KafkaConsumer {
  /// The library's callback, on the thread that polls.
  static let rebalanced:
    @convention(c) (
      OpaquePointer?, rd_kafka_resp_err_t, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?,
      UnsafeMutableRawPointer?
    ) -> Void = { client, code, list, opaque in
      guard let client, let context = KafkaHandle.context(opaque) else { return }
      let numbers = list.map { PartitionList.elements($0).map(\.partition.partition) } ?? []
      let isAssignment = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS
      let isLost = rd_kafka_assignment_lost(client) != 0
      let isClosing = context.state.withLock { state in
        state.changes.append(isAssignment ? .assign(numbers) : .revoke(numbers, isLost: isLost))
        return state.isClosing
      }
      // Nobody polls any more: what was to be committed has been.
      if isClosing { letGo(client, context) }
    }

  /// Answers that all partitions are let go, on a thread of its own: the library may end the membership and drop what it was
  /// asked, and whoever asks then waits for ever.
  private static func letGo(_ client: OpaquePointer, _ context: KafkaHandle.Context) {
    nonisolated(unsafe) let client = client
    context.state.withLock { $0.openAnswers += 1 }
    Thread.detachNewThread {
      rd_kafka_assign(client, nil)
      context.state.withLock { $0.openAnswers -= 1 }
    }
  }

  /// Waits until one whom the group has let in has heard what is its own: before that, librdkafka up to 2.2 ends the whole
  /// process when it destroys a client (its issue 4312).
  /// - Returns: whether the client may be destroyed.
  func awaitDecision(_ client: OpaquePointer, until end: Int64) -> Bool {
    while !hasJoined, !hasUnanswered {
      if !isCooperative {
        // From here on the library takes no answer that would let it in.
        rd_kafka_unsubscribe(client)
        if !isCooperative { return true }
      }
      guard SystemCalls.steadyMilliseconds() < end else { return false }
      if let message = rd_kafka_consumer_poll(client, 20) { rd_kafka_message_destroy(message) }
    }
    return true
  }

  /// Leaves the group, which a broker that is gone must not hold up.
  /// - Returns: whether the client may be destroyed: the library's end of one that has begun to leave waits for ever for
  ///   what nobody answers any more.
  func leave(_ client: OpaquePointer, until end: Int64) -> Bool {
    guard let queue = rd_kafka_queue_new(client) else { return true }
    defer { rd_kafka_queue_destroy(queue) }
    // It is closed already, or will not be after a fatal error: then its end needs no answers.
    if let error = rd_kafka_consumer_close_queue(client, queue) {
      rd_kafka_error_destroy(error)
      return true
    }
    // The library waits for an answer to what it has told last. By now any answer lets go of all partitions.
    if hasUnanswered { Self.letGo(client, handle.context) }
    while rd_kafka_consumer_closed(client) == 0, SystemCalls.steadyMilliseconds() < end {
      rd_kafka_queue_poll_callback(queue, 100)
    }
    let isClosed = rd_kafka_consumer_closed(client) != 0
    // An answer that has been dropped stays on its way for good.
    let answered = min(end, SystemCalls.steadyMilliseconds() + KafkaLimits.answerMilliseconds)
    while handle.context.state.withLock({ $0.openAnswers > 0 }) {
      guard SystemCalls.steadyMilliseconds() < answered else { return false }
      SystemCalls.sleep(microseconds: 5_000)
    }
    return isClosed
  }

  /// Follows the group: first what was told by the last poll, then what is new.
  func takePart() throws(LogError) -> Polled? {
    try follow()
    try serve(milliseconds: 0)
    try awaitGroup()
    while let change = handle.context.state.withLock({ $0.changes.isEmpty ? nil : $0.changes.removeFirst() }) {
      hasJoined = true
      handle.noteAccess()
      pending = change
      switch change {
      case .assign(let numbers) where !numbers.isEmpty:
        if let new = numbers.max(), new >= partitions { throw grown(new) }
        let committed = try committed(numbers)
        starts = committed
        standing.merge(committed) { $1 }
        return .assigned(numbers.sorted(), committed: committed)
      case .revoke(let numbers, false) where !numbers.isEmpty: return .revoked(numbers.sorted())
      case .revoke(_, true):
        throw KafkaFailure(RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST).error("The place in group \(group) is lost")
      default: try follow()
      }
    }
    return nil
  }

  /// Whether the library waits to hear what becomes of a change that it has told.
  var hasUnanswered: Bool { pending != nil || handle.context.state.withLock { !$0.changes.isEmpty } }

  /// Whether there is something that only `takePart` sees.
  var hasNews: Bool {
    hasUnanswered || main.map { rd_kafka_queue_length($0) > 0 } ?? false
  }

  /// The group's first decision can take a while; without one there is nothing to be said about what there is to read.
  private func awaitGroup() throws(LogError) {
    let end = SystemCalls.steadyMilliseconds() + Int64(handle.options.patienceMilliseconds)
    while !hasJoined, handle.context.state.withLock({ $0.changes.isEmpty }) {
      try serve(milliseconds: 100)
      try handle.checkAccess("Group \(group) cannot be joined")
      guard SystemCalls.steadyMilliseconds() < end else {
        throw KafkaFailure(RD_KAFKA_RESP_ERR__TIMED_OUT).error(
          "Group \(group) cannot be joined on \(handle.options.servers)", hint: handle.trouble)
      }
    }
  }

  /// Lets the library call back, and looks at the errors that it has for the consumer as a whole.
  private func serve(milliseconds: Int32) throws(LogError) {
    let client = try handle.open()
    var wait = milliseconds
    while let message = rd_kafka_consumer_poll(client, wait) {
      defer { rd_kafka_message_destroy(message) }
      wait = 0
      let failure = KafkaFailure(message.pointee.err)
      if failure.code == RD_KAFKA_RESP_ERR__FATAL {
        var text = [CChar](repeating: 0, count: 512)
        let cause = KafkaFailure(rd_kafka_fatal_error(client, &text, text.count))
        throw explained(
          cause.error(
            "The place in group \(group) is gone", hint: KafkaHandle.string(text, handle.options), isRestartable: true))
      }
      if failure.isDenial || failure.code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART {
        throw failure.error("Group \(group) cannot read \(topics.joined(separator: ", "))", hint: handle.trouble)
      }
    }
  }

  /// After an outage a worker is refused under its own name where one part of the library still shows the membership that
  /// another has renewed (its issue 3437): no other worker is to blame for that, and a new client fares better.
  func explained(_ error: LogError) -> LogError {
    guard error.code == .fenced, !error.retriable, hasLostTouch else { return error }
    return LogError(
      .fenced,
      "The place in group \(group) was lost while the cluster was out of reach. This worker starts again from the last "
        + "commit; if that comes back without an outage, two workers have the same name.",
      retriable: true)
  }

  private var hasLostTouch: Bool {
    if handle.context.isDisturbed { return true }
    // In this order: one who is refused for good loses its assignment only then.
    guard let client = handle.pointer, rd_kafka_assignment_lost(client) != 0 else { return false }
    return rd_kafka_fatal_error(client, nil, 0) == RD_KAFKA_RESP_ERR_NO_ERROR
  }

  private func grown(_ number: Int) -> LogError {
    LogError(
      .unknownPartition,
      "Topic \(topics[0]) has got a partition \(number); group \(group) began with \(partitions) partitions. Give every "
        + "topic that is joined with it as many, set them in the configuration, and start all workers anew.",
      partition: TopicPartition(topics[0], number))
  }

  private func places(_ numbers: [Int]) -> [TopicPartition] {
    topics.flatMap { topic in numbers.sorted().map { TopicPartition(topic, $0) } }
  }

  /// Waits for the end of an open transaction that moves them.
  private func committed(_ numbers: [Int]) throws(LogError) -> [TopicPartition: Int64] {
    let list = PartitionList(places(numbers))
    try handle.repeating("The offsets of group \(group) cannot be read") { client, milliseconds in
      let code = rd_kafka_committed(client, list.pointer, milliseconds)
      return code == RD_KAFKA_RESP_ERR_NO_ERROR
        ? PartitionList.firstFailure(list.pointer)?.code ?? code : code
    }
    return list.elements.reduce(into: [:]) { if $1.offset >= 0 { $0[$1.partition] = $1.offset } }
  }

  /// Notes where a partition of the assignment at hand will be read.
  /// - Returns: false where it is not part of one.
  func note(start offset: Int64, of partition: TopicPartition) -> Bool {
    guard case .assign(let numbers) = pending, numbers.contains(partition.partition) else { return false }
    starts[partition] = offset
    return true
  }

  /// Does what the worker has been told.
  private func follow() throws(LogError) {
    guard let change = pending else { return }
    pending = nil
    if let number = fault?.partition.partition, change.numbers.contains(number) { fault = nil }
    let kept = positions.keys.sorted()
    switch change {
    case .assign(let numbers):
      try assign(places(numbers))
      // A rebalance halts the partitions that stay, and the library may then lose its place in them.
      try move(kept)
    case .revoke(let numbers, _):
      for place in places(numbers) { (positions[place], ends[place], standing[place]) = (nil, nil, nil) }
      try unassign(places(numbers))
      try move(positions.keys.sorted())
    }
  }

  private func assign(_ added: [TopicPartition]) throws(LogError) {
    let client = try handle.open()
    for place in added {
      let start = starts[place]
      positions[place] = if let start { start } else { try topicTable.bounds(of: place).lowerBound }
      if standing[place] == nil { standing[place] = positions[place] }
      guard let own = rd_kafka_queue_get_partition(client, place.topic, Int32(clamping: place.partition)) else {
        continue
      }
      if let old = feeds.updateValue(own, forKey: place) { rd_kafka_queue_destroy(old) }
    }
    starts = [:]
    // First of all, so that nothing comes to the library's own queue.
    forward(added)
    let list = PartitionList(added.map { ($0, positions[$0] ?? 0) })
    try check(
      isCooperative
        ? KafkaFailure(taking: rd_kafka_incremental_assign(client, list.pointer))
        : KafkaFailure(rd_kafka_assign(client, list.pointer)))
    // Once more: a partition that was just taken away is still being stopped then, and that ends the forwarding.
    forward(added)
    // Only the first topic is subscribed to: the library has not heard of the others yet.
    FetchWaker.wake(added, client)
  }

  /// Has what comes of partitions lie with the rest of their topic's.
  private func forward(_ places: [TopicPartition]) {
    for place in places {
      if let own = feeds[place], let queue = queues[place.topic] { rd_kafka_queue_forward(own, queue) }
    }
  }

  /// Begins anew with partitions that are this worker's, at their positions.
  func restart(_ stopped: [TopicPartition]) throws(LogError) {
    guard !stopped.isEmpty else { return }
    starts = positions
    guard isCooperative else { return try assign(positions.keys.sorted()) }
    try unassign(stopped)
    try assign(stopped)
  }

  private func unassign(_ removed: [TopicPartition]) throws(LogError) {
    let client = try handle.open()
    let list = PartitionList(removed)
    try check(
      isCooperative
        ? KafkaFailure(taking: rd_kafka_incremental_unassign(client, list.pointer))
        : KafkaFailure(rd_kafka_assign(client, nil)))
  }

  private var isCooperative: Bool {
    handle.pointer.flatMap { rd_kafka_rebalance_protocol($0) }.map { String(cString: $0) == "COOPERATIVE" } ?? false
  }

  private func check(_ failure: KafkaFailure?) throws(LogError) {
    guard let failure, failure.code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    throw failure.error("Group \(group) cannot share out its partitions", hint: handle.trouble, isRestartable: true)
  }
}

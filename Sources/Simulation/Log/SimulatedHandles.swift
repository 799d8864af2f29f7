import Log

final class SimulatedProducer: LogProducer {
  private let log: SimulatedLog
  private let name: String
  private var isClosed = false

  init(_ log: SimulatedLog, name: String) {
    self.log = log
    self.name = name
  }

  func append(_ batches: [AppendBatch]) throws(LogError) -> [Int64] {
    try checkOpen(isClosed)
    return try log.with { state throws(LogError) in try state.append(batches, producer: name) }
  }

  func nextSequence(in partition: TopicPartition) throws(LogError) -> Int64 {
    try checkOpen(isClosed)
    return try log.with { state throws(LogError) in
      try state.check(partition)
      return state.nextSequence(name, partition)
    }
  }

  func close() { isClosed = true }
}

final class SimulatedReader: LogReader {
  private let log: SimulatedLog
  private var isClosed = false

  init(_ log: SimulatedLog) { self.log = log }

  func bounds(of partition: TopicPartition) throws(LogError) -> Range<Int64> {
    try look(partition) { $0.start..<max($0.start, $1) }
  }

  func ends(of partitions: [TopicPartition]) throws(LogError) -> [TopicPartition: PartitionEnd] {
    var ends: [TopicPartition: PartitionEnd] = [:]
    for place in partitions { ends[place] = try look(place) { PartitionEnd(stable: $1, last: $0.end) } }
    return ends
  }

  func settle(_ partition: TopicPartition) throws(LogError) {
    for passed in 0...log.patience {
      guard try look(partition, { $0.lastStable < $0.end && $1 < $0.end }) else { return }
      if passed < log.patience { log.pause() }
    }
    throw LogError(.unavailable, "\(partition) has a transaction open", retriable: true, partition: partition)
  }

  func offset(in partition: TopicPartition, atOrAfter time: Int64) throws(LogError) -> Int64 {
    try look(partition) { found, _ in found.offset(atOrAfter: time) }
  }

  func read(_ partition: TopicPartition, from offset: Int64, limit: ReadLimit) throws(LogError) -> Fetch {
    let fetch = try look(partition) { found, bound -> Fetch? in
      guard (found.start...found.end).contains(offset) else { return nil }
      let records = found.read(from: offset, until: bound, limit: limit)
      let next = records.last.map { $0.offset + 1 } ?? max(bound, offset)
      return Fetch(partition: partition, records: records, next: next, end: bound)
    }
    guard let fetch else { throw LogError(.offsetOutOfRange, "\(partition) has no offset \(offset)") }
    return fetch
  }

  func wait(for positions: [TopicPartition: Int64], milliseconds: Int) throws(LogError) -> Bool {
    for passed in 0...max(milliseconds, 0) {
      for (place, position) in positions {
        if try look(place, { $0.hasRecord(from: position, until: $1) }) { return true }
      }
      if passed < milliseconds { log.pause() }
    }
    return false
  }

  func committed(group: String) throws(LogError) -> [TopicPartition: Int64] {
    try checkOpen(isClosed)
    return log.with { $0.groups[group]?.committed ?? [:] }
  }

  func close() { isClosed = true }

  /// - Parameter body: gets the partition and the offset from which on nothing is shown.
  private func look<Result: Sendable>(
    _ place: TopicPartition, _ body: (SimulatedPartition, Int64) -> Result
  ) throws(LogError) -> Result {
    try checkOpen(isClosed)
    return try log.with { state throws(LogError) in
      try state.look()
      let partition = try state.partition(place)
      return body(partition, state.bound(of: partition))
    }
  }
}

final class SimulatedConsumer: LogConsumer {
  private let log: SimulatedLog
  private let group: String
  private let topics: [String]
  private let id: Int
  private var isClosed = false

  init(_ log: SimulatedLog, group: String, topics: [String], id: Int) {
    self.log = log
    self.group = group
    self.topics = topics
    self.id = id
  }

  func poll(_ topics: [String], limit: ReadLimit) throws(LogError) -> Polled {
    try check(topics)
    return try log.with { state throws(LogError) in try state.poll(topics, limit: limit, group: group, id: id) }
  }

  func wait(_ topics: [String], milliseconds: Int) throws(LogError) {
    try check(topics)
    for _ in 0..<max(milliseconds, 0) {
      if try log.with({ state throws(LogError) in try state.wouldBring(topics, group: group, id: id) }) { return }
      log.pause()
    }
  }

  func hasReadAll(_ topics: [String]) throws(LogError) -> Bool {
    try check(topics)
    return try !log.with { state throws(LogError) in try state.wouldBring(topics, group: group, id: id) }
  }

  func seek(_ partition: TopicPartition, to offset: Int64) throws(LogError) {
    try check([partition.topic])
    guard offset >= 0 else { throw LogError(.invalidArgument, "offsets start at 0") }
    try log.with { state throws(LogError) in
      try state.look()
      try state.check(partition)
      state.groups[group]?.members[id]?.positions[partition] = offset
    }
  }

  func send(_ outputs: [AppendBatch]) throws(LogError) {
    try checkOpen(isClosed)
    try log.with { state throws(LogError) in
      try state.look()
      try state.send(outputs, group: group, id: id)
    }
  }

  func commit(outputs: [AppendBatch], offsets: [TopicPartition: Int64]) throws(LogError) {
    try checkOpen(isClosed)
    try log.with { state throws(LogError) in try state.commit(outputs, offsets, group: group, id: id) }
  }

  /// Nothing follows from merely letting go of it: that is how a process dies.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    log.with { $0.leave(group: group, id: id) }
  }

  private func check(_ topics: [String]) throws(LogError) {
    try checkOpen(isClosed)
    for topic in topics where !self.topics.contains(topic) {
      throw LogError(.invalidArgument, "group \(group) does not read \(topic)")
    }
  }
}

private func checkOpen(_ isClosed: Bool) throws(LogError) {
  if isClosed { throw LogError(.closed, "this handle has been closed") }
}

import Log

/// The one worker of a group on an embedded log: it owns all partitions until it is closed or dies.
///
/// A partition that the caller has not sought is read from the group's committed offset, or from the first record.
final class EmbeddedConsumer: LogConsumer {
  private let store: Store
  private let group: String
  private let topics: [String]
  private let partitions: Int
  private let epoch: Int64
  /// Held for life; the operating system lets go of it when the process dies.
  private let ownership: FileLock
  private let watch: Watch
  private var positions: [TopicPartition: Int64] = [:]
  private var isAssigned = false
  /// Which partition the next poll reads first, so that a busy one does not starve the rest.
  private var first = 0
  /// A fault met behind records that were handed out; the next poll reports it.
  private var fault: LogError?
  /// Outputs that wait for their commit.
  private var sent: [AppendBatch] = []

  init(
    _ store: Store, group: String, topics: [String], partitions: Int, owner: GroupOwner
  ) throws(LogError) {
    self.store = store
    self.group = group
    self.topics = topics
    self.partitions = partitions
    ownership = try FileLock(store.files.lock(of: group), in: store.files)
    guard ownership.tryLock() else {
      let holder = try store.use { () throws(LogError) -> GroupOwner? in try store.owner(of: group) }
      throw LogError(
        .groupOwned,
        "Group \(group) of \(store.files.database) is owned by \(holder?.description ?? "another worker"); "
          + "end that one first.",
        retriable: true)
    }
    epoch = try store.write { () throws(LogError) -> Int64 in try store.enter(owner, of: group) }
    watch = Watch(store)
  }

  func poll(_ topics: [String], limit: ReadLimit) throws(LogError) -> Polled {
    try check(topics)
    guard isAssigned else { return try assign() }
    if let fault {
      self.fault = nil
      throw fault
    }
    var fetches: [Fetch] = []
    var (records, bytes) = (limit.records, limit.bytes)
    for topic in topics {
      for step in 0..<partitions where records > 0 && bytes > 0 {
        let partition = TopicPartition(topic, (first + step) % partitions)
        let left = partitions - step
        let share = ReadLimit(records: max(1, records / left), bytes: max(1, bytes / left))
        guard let (fetch, size) = try next(of: partition, limit: share, others: !fetches.isEmpty) else { continue }
        records -= fetch.records.count
        bytes -= size
        fetches.append(fetch)
      }
    }
    first = (first + 1) % partitions
    return fetches.isEmpty ? .idle : .records(fetches)
  }

  func wait(_ topics: [String], milliseconds: Int) throws(LogError) {
    try check(topics)
    guard isAssigned, fault == nil else { return }
    _ = try watch.wait(for: next(in: topics), milliseconds: milliseconds)
  }

  func hasReadAll(_ topics: [String]) throws(LogError) -> Bool {
    try check(topics)
    guard isAssigned, fault == nil else { return false }
    for (partition, position) in try next(in: topics) {
      if try store.hasRow(store.place(of: partition), from: position) { return false }
    }
    return true
  }

  func seek(_ partition: TopicPartition, to offset: Int64) throws(LogError) {
    try check([partition.topic])
    _ = try store.place(of: partition)
    guard offset >= 0 else {
      throw LogError(.invalidArgument, "\(partition) has no offset \(offset). Offsets start at 0.")
    }
    positions[partition] = offset
    if fault?.partition == partition { fault = nil }
  }

  func send(_ outputs: [AppendBatch]) { sent += outputs }

  func commit(outputs: [AppendBatch], offsets: [TopicPartition: Int64]) throws(LogError) {
    let prepared = try PreparedBatch.prepare(Self.merged(sent + outputs), for: store)
    var moves: [(TopicPartition, Place, Int64)] = []
    for (partition, offset) in offsets.sorted(by: { $0.key < $1.key }) {
      moves.append((partition, try store.place(of: partition), offset))
    }
    try store.write { () throws(LogError) in
      try store.checkEpoch(epoch, of: group)
      for batch in prepared { _ = try store.append(batch) }
      for (partition, place, offset) in moves { try move(partition, place, to: offset) }
    }
    sent = []
  }

  /// One batch for each partition, so that what was sent in pieces lies in full rows.
  private static func merged(_ batches: [AppendBatch]) -> [AppendBatch] {
    Dictionary(grouping: batches, by: \.partition).sorted { $0.key < $1.key }
      .map { AppendBatch($0.key, $0.value.flatMap(\.records)) }
  }

  func close() {
    store.close()
    ownership.unlock()
  }

  private func check(_ topics: [String]) throws(LogError) {
    for topic in topics where !self.topics.contains(topic) {
      throw LogError(
        .invalidArgument,
        "Group \(group) reads \(self.topics.joined(separator: ", ")), not \(topic). Join it with that topic.")
    }
  }

  private func assign() throws(LogError) -> Polled {
    let committed = try store.use { () throws(LogError) -> [TopicPartition: Int64] in
      try store.committed(group: group)
    }
    let own = committed.filter { topics.contains($0.key.topic) }
    positions.merge(own) { sought, _ in sought }
    isAssigned = true
    return .assigned(Array(0..<partitions), committed: own)
  }

  /// Every partition of the topics with the offset that will be read next.
  private func next(in topics: [String]) throws(LogError) -> [(TopicPartition, Int64)] {
    var places: [(TopicPartition, Int64)] = []
    for topic in topics {
      for number in 0..<partitions {
        let partition = TopicPartition(topic, number)
        places.append((partition, try position(of: partition)))
      }
    }
    return places
  }

  private func position(of partition: TopicPartition) throws(LogError) -> Int64 {
    if let position = positions[partition] { return position }
    let start = try store.bounds(of: partition).lowerBound
    positions[partition] = start
    return start
  }

  /// - Parameter others: whether this poll has records to hand out before it may fail.
  private func next(
    of partition: TopicPartition, limit: ReadLimit, others: Bool
  ) throws(LogError) -> (fetch: Fetch, bytes: Int)? {
    let position = try position(of: partition)
    do throws(LogError) {
      let read = try store.fetch(partition, from: position, limit: limit)
      positions[partition] = read.fetch.next
      return read.fetch.records.isEmpty ? nil : read
    } catch {
      guard others else { throw error }
      fault = fault ?? error
      return nil
    }
  }

  private func move(_ partition: TopicPartition, _ place: Place, to offset: Int64) throws(LogError) {
    let end = try store.bounds(of: place).upperBound
    guard offset >= 0, offset <= end else {
      throw LogError(
        .offsetOutOfRange, "\(partition) ends at offset \(end), so \(offset) cannot be committed.",
        partition: partition)
    }
    let statement = try store.statement(.setCommitted)
    statement.bind(1, group)
    statement.bind(2, place.tp)
    statement.bind(3, offset)
    try statement.run()
  }
}

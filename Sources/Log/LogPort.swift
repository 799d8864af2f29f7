/// A log of topics: the port behind which the embedded log and Kafka stand.
///
/// A `Log` is shared; the handles that it makes are not: each is called by one thread at a time. All calls
/// block and throw `LogError`. Several processes may hold the same log open.
public protocol Log: Sendable {
  /// Creates a topic. Creating it again with the same specification does nothing; with another it throws
  /// `topicExists`.
  func create(_ topic: TopicSpec) throws(LogError)
  func topics() throws(LogError) -> [TopicSpec]
  /// One topic; nil where it is not there.
  func spec(of topic: String) throws(LogError) -> TopicSpec?
  /// A topic's number of partitions, without the rest; nil where it is not there.
  func partitions(of topic: String) throws(LogError) -> Int?
  /// - Parameter id: a stable name makes retries across restarts recognisable; `nil` gives a name of its own.
  func makeProducer(id: String?) throws(LogError) -> any LogProducer
  func makeReader() throws(LogError) -> any LogReader
  /// Joins a consumer group that reads `topics`, which must have the same number of partitions.
  /// - Throws: `groupOwned`, naming the owner, where another worker holds the group and it cannot be shared.
  ///
  /// - Parameter member: a name of the worker's own; where a group is shared, one who comes back under it keeps its place.
  func join(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer
  /// Joins a group in which nobody is at work, and keeps no place in it.
  /// - Throws: `groupOwned` where somebody is. One who joins later puts an end to what this consumer may commit.
  func joinAlone(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer
  /// Applies retention and compaction as of `now`, in short steps that let others work in between.
  ///
  /// - Parameter workedOff: the time up to which records have been worked off. Ages count from the earlier of the two, so
  ///   that records with old timestamps do not go before they are read.
  func maintain(now: Int64, workedOff: Int64) throws(LogError)
}

extension Log {
  /// Maintenance of a log whose readers have seen everything.
  public func maintain(now: Int64) throws(LogError) {
    try maintain(now: now, workedOff: .max)
  }

  /// For a log whose groups nobody shares.
  public func joinAlone(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    try join(group: group, topics: topics, member: member)
  }

  public func spec(of topic: String) throws(LogError) -> TopicSpec? {
    try topics().first { $0.name == topic }
  }

  public func partitions(of topic: String) throws(LogError) -> Int? {
    try spec(of: topic)?.partitions
  }
}

/// Appends to any topic.
public protocol LogProducer: AnyObject {
  /// Appends all batches, or none. When this returns, they survive a crash of the process.
  /// - Returns: the offset of each batch's first record.
  /// - Throws: `sequenceGap` where a batch's number lies beyond the next one expected.
  @discardableResult
  func append(_ batches: [AppendBatch]) throws(LogError) -> [Int64]
  /// The number that the log expects of this producer's next record to `partition`.
  func nextSequence(in partition: TopicPartition) throws(LogError) -> Int64
  func close()
}

/// Reads any partition from any position; joins no group.
public protocol LogReader: AnyObject {
  /// First retained offset, and the offset that the next record will get.
  func bounds(of partition: TopicPartition) throws(LogError) -> Range<Int64>
  /// Where partitions end now, for readers and for the log.
  func ends(of partitions: [TopicPartition]) throws(LogError) -> [TopicPartition: PartitionEnd]
  /// Waits until what is committed in the partition now can be read. The transaction of a worker that died can hide for a
  /// while what others have committed behind it.
  /// - Throws: `unavailable`, retriable, where that takes too long.
  func settle(_ partition: TopicPartition) throws(LogError)
  /// The offset to read from so that no record of `timestamp >= time` is missed; the end where there is none.
  func offset(in partition: TopicPartition, atOrAfter time: Int64) throws(LogError) -> Int64
  /// Records from `offset` on, at most about `limit`; empty at the end.
  /// - Throws: `offsetOutOfRange` below the first retained offset; `damaged` for a batch that fails its checksum.
  func read(_ partition: TopicPartition, from offset: Int64, limit: ReadLimit) throws(LogError) -> Fetch
  /// Waits until some partition holds a record at or beyond its position, at most `milliseconds`.
  /// - Returns: whether there is one.
  func wait(for positions: [TopicPartition: Int64], milliseconds: Int) throws(LogError) -> Bool
  /// What a group has committed, for every partition that it has committed.
  func committed(group: String) throws(LogError) -> [TopicPartition: Int64]
  func close()
}

extension LogReader {
  /// For a log in which nothing committed is ever hidden.
  public func settle(_ partition: TopicPartition) {}

  public func ends(of partitions: [TopicPartition]) throws(LogError) -> [TopicPartition: PartitionEnd] {
    var ends: [TopicPartition: PartitionEnd] = [:]
    for partition in partitions {
      let end = try bounds(of: partition).upperBound
      ends[partition] = PartitionEnd(stable: end, last: end)
    }
    return ends
  }
}

/// The end of a partition. Between the two lies what waits for the end of a transaction: nobody reads it before.
public struct PartitionEnd: Hashable, Sendable {
  /// Behind the last record that can be read.
  public let stable: Int64
  /// Behind the last record that is there.
  public let last: Int64

  public init(stable: Int64, last: Int64) {
    self.stable = stable
    self.last = last
  }

  public var isHeld: Bool { stable < last }
}

/// How much one read may return. At least one batch always comes, however large.
public struct ReadLimit: Hashable, Sendable {
  public let records: Int
  public let bytes: Int

  public init(records: Int = 10_000, bytes: Int = 8 << 20) {
    self.records = records
    self.bytes = bytes
  }
}

/// Records of one partition, in order of offset. Compaction and transactions leave holes between offsets.
public struct Fetch: Sendable {
  public let partition: TopicPartition
  public let records: [StoredRecord]
  /// Where to read on.
  public let next: Int64
  /// The partition's end when this was read.
  public let end: Int64

  public init(partition: TopicPartition, records: [StoredRecord], next: Int64, end: Int64) {
    self.partition = partition
    self.records = records
    self.next = next
    self.end = end
  }
}

/// What a worker learns from one poll, in the order in which it has to act on it.
public enum Polled: Sendable {
  /// These partitions are this worker's from now on, with the group's committed offsets. It must `seek` each
  /// topic of each before the next poll.
  case assigned([Int], committed: [TopicPartition: Int64])
  /// These partitions go to someone else: commit what is open, drop their state.
  case revoked([Int])
  case records([Fetch])
  /// Everything that was asked for has been read to an end that it had.
  case idle
}

/// A worker's place in a consumer group: the partitions with the same number of all the group's topics.
public protocol LogConsumer: AnyObject {
  /// - Parameter topics: which of the group's topics to read now, in this order; the others wait.
  func poll(_ topics: [String], limit: ReadLimit) throws(LogError) -> Polled
  /// Waits until a poll of `topics` would not be idle, at most `milliseconds`.
  func wait(_ topics: [String], milliseconds: Int) throws(LogError)
  /// Whether all that the log holds now of the partitions at work here has been read: asks the log itself.
  func hasReadAll(_ topics: [String]) throws(LogError) -> Bool
  /// Moves the read position of one partition.
  func seek(_ partition: TopicPartition, to offset: Int64) throws(LogError)
  /// Hands over outputs of the next commit ahead of it, so that they can travel while work goes on. Nobody sees them
  /// before that commit; where the consumer closes without one they are gone.
  func send(_ outputs: [AppendBatch]) throws(LogError)
  /// Appends all outputs, those sent since the last commit first, and moves the group's committed offsets, as one:
  /// both are there afterwards or neither.
  /// - Throws: `fenced` where another worker has taken the group, or these partitions, over; `tooLarge` where these
  ///   outputs are. Nothing is written then, and what was sent still waits for a commit.
  func commit(outputs: [AppendBatch], offsets: [TopicPartition: Int64]) throws(LogError)
  func close()
}

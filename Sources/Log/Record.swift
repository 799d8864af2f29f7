public import Bytes

/// One partition of one topic.
public struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let topic: String
  public let partition: Int

  public init(_ topic: String, _ partition: Int) {
    self.topic = topic
    self.partition = partition
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.topic, left.partition) < (right.topic, right.partition)
  }

  public var description: String { "\(topic)/\(partition)" }
}

/// A named value beside a record's own. Names may repeat, as in Kafka.
public struct Header: Hashable, Sendable {
  public let name: String
  public let value: ByteSlice

  @inlinable
  public init(_ name: String, _ value: ByteSlice) {
    self.name = name
    self.value = value
  }

  public init(_ name: String, _ text: String) {
    self.init(name, Array(text.utf8)[...])
  }
}

/// What a producer appends and a reader gets back.
public struct Record: Hashable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public var timestamp: Int64
  public var key: ByteSlice?
  /// `nil` is a tombstone: after compaction the key is gone.
  public var value: ByteSlice?
  public var headers: [Header]

  @inlinable
  public init(timestamp: Int64, key: ByteSlice? = nil, value: ByteSlice?, headers: [Header] = []) {
    self.timestamp = timestamp
    self.key = key
    self.value = value
    self.headers = headers
  }
}

/// A record at its place in a partition.
public struct StoredRecord: Hashable, Sendable {
  public let offset: Int64
  public var record: Record

  @inlinable
  public init(offset: Int64, record: Record) {
    self.offset = offset
    self.record = record
  }
}

/// Records to append to one partition, kept together and in order.
public struct AppendBatch: Sendable {
  public let partition: TopicPartition
  public let records: [Record]
  /// The producer's running number of the first record, per producer and partition, starting at 0. A batch that
  /// the log holds already is acknowledged again and not appended. `nil`: the producer numbers it.
  public let sequence: Int64?

  public init(_ partition: TopicPartition, _ records: [Record], sequence: Int64? = nil) {
    self.partition = partition
    self.records = records
    self.sequence = sequence
  }
}

/// What a topic is: fixed when it is created.
public struct TopicSpec: Hashable, Sendable {
  public let name: String
  public let partitions: Int
  public let retention: Retention
  public let compacted: Bool

  public init(name: String, partitions: Int, retention: Retention = .forever, compacted: Bool = false) {
    self.name = name
    self.partitions = partitions
    self.retention = retention
    self.compacted = compacted
  }
}

/// When whole batches at the front of a partition may be deleted.
public struct Retention: Hashable, Sendable {
  /// Records older than this by their timestamps, measured from the time that maintenance is told, may go.
  public let milliseconds: Int64?
  /// A partition may be cut down to this many bytes.
  public let bytes: Int64?

  public init(milliseconds: Int64? = nil, bytes: Int64? = nil) {
    self.milliseconds = milliseconds
    self.bytes = bytes
  }

  public static let forever = Retention()
}

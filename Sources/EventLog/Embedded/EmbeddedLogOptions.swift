/// How an embedded log is opened.
public struct EmbeddedLogOptions: Sendable {
  /// What a power cut may cost. A process that dies at any point loses nothing with either.
  public enum Durability: Sendable {
    /// A power cut may lose the last commits, never consistency. Commits do not wait for the disk.
    case normal
    /// Every commit waits until the disk has it.
    case full
  }

  public var durability: Durability
  /// The largest size of the database file in pages of 4,096 bytes; beyond it the log behaves as on a full disk.
  public var maxPages: Int?
  /// How long a call waits for other processes that are writing before it throws `unavailable`.
  public var patienceMilliseconds: Int
  /// Milliseconds since 1970. Only says since when a worker owns its group; no record depends on it.
  public var clock: @Sendable () -> Int64

  public init(
    durability: Durability = .normal, maxPages: Int? = nil, patienceMilliseconds: Int = 30_000,
    clock: @escaping @Sendable () -> Int64 = wallClockMilliseconds
  ) {
    self.durability = durability
    self.maxPages = maxPages
    self.patienceMilliseconds = patienceMilliseconds
    self.clock = clock
  }
}

/// Every bound of the embedded log, in one place.
public enum EmbeddedLogLimits {
  /// Key, value and headers of one record together.
  public static let recordBytes = 64 << 20
  /// All records of one append or commit together.
  public static let transactionBytes = 512 << 20
  /// Partitions of one topic.
  public static let partitions = 1_024
  /// Partitions of all topics: what is left of a row's number beside the offset.
  public static let partitionsInAll = 1 << 19
  /// Offsets of one partition.
  public static let offsets: Int64 = 1 << 44
  /// Length of the name of a topic, a group or a producer.
  public static let nameBytes = 200

  /// A row is closed at this size or at `rowRecords`, whichever comes first.
  static let rowBytes = 256 << 10
  static let rowRecords = 1_000
  /// Rows that one read takes from the database at a time, so that no read holds the write-ahead log for long.
  static let rowsPerRead = 64
  /// Past this size the write-ahead log is emptied by whoever commits next.
  static let walBytes = 16 << 20
  /// Named producers that are remembered; beyond it maintenance forgets those that have been idle longest.
  static let producers = 10_000
  /// A named producer that has been idle this long is forgotten.
  static let producerIdleMilliseconds: Int64 = 7 * 86_400_000
  /// Age past which compaction drops a tombstone: readers that lag further behind may miss the deletion.
  static let tombstoneMilliseconds: Int64 = 86_400_000
  /// Memory for the keys of one compaction pass; more keys take more passes.
  static let compactionKeyBytes = 64 << 20
  /// Below this size a compacted partition is cleaned whenever something was added to it, above it only when the
  /// new part is as large as the clean one.
  static let compactAlwaysBytes: Int64 = 4 << 20
  /// Rows that one maintenance transaction may delete or rewrite, and bytes that it may read.
  static let rowsPerStep = 256
  static let bytesPerStep = 4 << 20
  /// A row is worth merging below half the size at which a row is closed.
  static let smallRowBytes = rowBytes / 2
  static let smallRowRecords = rowRecords / 2
  /// Rows that wait to be merged before it is done.
  static let smallRows = 16
  /// Space set aside on the disk so that deleting is possible when nothing else is.
  static let ballastBytes = 1 << 20
  /// The longest that a waiting reader sleeps before it looks for itself, bell or no bell.
  static let napMilliseconds = 20
}

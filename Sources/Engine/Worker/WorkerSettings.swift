/// How a worker batches its work. None of it shows in what the worker writes.
public struct WorkerSettings: Hashable, Sendable {
  /// Names the worker to others that want its group.
  public var member: String
  /// Records of one poll.
  public var pollRecords: Int
  /// A commit is due after so many records read, or written.
  public var commitRecords: Int
  /// A partition's snapshot is due after so many commits, and not before `snapshotBytesPerRecord` allows.
  public var snapshotCommits: Int
  /// Bytes of state that each record taken pays for: the next snapshot waits until the last one's bytes are paid. So the
  /// writing of state stays a bounded share of the work, below that of a record and what comes of it, however large the
  /// state grows.
  public var snapshotBytesPerRecord: Int

  public init(
    member: String = "worker", pollRecords: Int = 2_000, commitRecords: Int = 50_000, snapshotCommits: Int = 50,
    snapshotBytesPerRecord: Int = 64
  ) {
    self.member = member
    self.pollRecords = max(pollRecords, 1)
    self.commitRecords = max(commitRecords, 1)
    self.snapshotCommits = min(max(snapshotCommits, 1), 1 << 40)
    self.snapshotBytesPerRecord = max(snapshotBytesPerRecord, 1)
  }
}

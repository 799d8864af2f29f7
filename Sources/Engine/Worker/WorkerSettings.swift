/// How a worker batches its work. None of it shows in what the worker writes.
public struct WorkerSettings: Hashable, Sendable {
  /// Names the worker to others that want its group.
  public var member: String
  /// Records of one poll.
  public var pollRecords: Int
  /// A commit is due after so many records read, or written.
  public var commitRecords: Int
  /// A snapshot goes with every so many commits.
  public var snapshotCommits: Int

  public init(
    member: String = "worker", pollRecords: Int = 2_000, commitRecords: Int = 5_000, snapshotCommits: Int = 50
  ) {
    self.member = member
    self.pollRecords = max(pollRecords, 1)
    self.commitRecords = max(commitRecords, 1)
    self.snapshotCommits = max(snapshotCommits, 1)
  }
}

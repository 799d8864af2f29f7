import Events

/// When the state of one partition is to be saved next.
struct SnapshotSchedule {
  /// The number of the newest snapshot.
  private(set) var number: Int64
  /// Bytes of the newest state that was encoded, written or refused.
  private(set) var bytes: Int
  /// The event time of the newest snapshot; nil where there is none.
  private(set) var time: Milliseconds?
  /// The stage's positions when it was written, or at the start where there was none: whether there is anything to save.
  private(set) var positions: [Topic: Int64]
  /// A state that the log refused and that no smaller one has followed.
  private(set) var refused: OversizedSnapshot?
  /// Commits and records since the last attempt.
  var commits: Int
  var records = 0

  init(number: Int64, bytes: Int, time: Milliseconds?, positions: [Topic: Int64], commits: Int) {
    self.number = number
    self.bytes = bytes
    self.time = time
    self.positions = positions
    self.commits = commits
  }

  /// Whether the next commit should save the state.
  func isDue(_ settings: WorkerSettings) -> Bool {
    commits + 1 >= settings.snapshotCommits && records >= bytes / settings.snapshotBytesPerRecord
  }

  /// - Parameter refusal: why the log found it too large; the next attempt comes when the next one is due.
  mutating func note(refusal: String?, bytes: Int, time: Milliseconds, positions: [Topic: Int64]) {
    (commits, records, self.bytes) = (0, 0, bytes)
    refused = refusal.map { OversizedSnapshot(bytes: bytes, reason: $0) }
    guard refusal == nil else { return }
    number += 1
    self.time = time
    self.positions = positions
  }
}

/// A state that is not saved.
public struct OversizedSnapshot: Hashable, Sendable {
  public let bytes: Int
  /// Which limit of the log it goes beyond, and what to do.
  public let reason: String
}

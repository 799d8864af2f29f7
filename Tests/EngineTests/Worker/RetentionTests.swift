import EventLog
import Events
import Log
import Testing

@testable import Engine

/// What a worker does when retention has taken records that it has not read, or that its state needs.
struct RetentionTests {
  private let test: TestLog
  private let log: WatchedLog
  /// Every record is a poll and a commit of its own; a snapshot is saved at the first one and where "save" says so.
  private let settings = WorkerSettings(pollRecords: 1, commitRecords: 1, snapshotCommits: 1_000)

  init() throws {
    test = try TestLog(SnapshotTests.configuration(partitions: 1), retention: Retention(milliseconds: 10))
    log = WatchedLog(test.log)
  }

  private func append(_ commands: String..., at times: Int64...) throws {
    for (command, time) in zip(commands, times) { try test.append(.predictions, 0, [text(command, at: time)]) }
  }

  /// What is older than `time` goes.
  private func forget(before time: Int64) throws { try test.log.maintain(now: time + 10) }

  private func letters() throws -> [DeadLetter] { try test.read(.deadletters, as: DeadLetter.self) }

  /// A worker that has committed five records, with a snapshot behind the second or the fifth.
  private func worked(savesLast: Bool = false) throws -> Worker<ProbeStage> {
    let worker = try log.worker(test.configuration, settings)
    try append("go", at: 0)
    try worker.exhaust()
    try append("save", "go", "go", savesLast ? "save" : "go", at: 1, 2, 3, 4)
    try worker.exhaust()
    return worker
  }

  private func expectLost(_ code: EngineError.Code, _ start: Int, _ body: () throws -> Void) {
    #expect {
      try body()
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return error.code == code && error.message.contains("begins at offset \(start)")
        && error.message.contains("committed up to offset 5")
    }
  }

  /// At work, or killed with a state that is as far as the commit: a letter stands for what is gone, and the rest goes on.
  @Test(arguments: [true, false]) func recordsThatWereNotRead(isAtWork: Bool) throws {
    var worker: Worker<ProbeStage>? = try worked(savesLast: true)
    if !isAtWork { worker = nil }
    try append("gone", "gone", "kept", at: 50, 60, 1_000)
    try forget(before: 1_000)
    let last = try worker ?? log.worker(test.configuration, settings)
    try last.exhaust()
    let letters = try letters()
    #expect(letters.map(\.code) == Array(repeating: "seen", count: 5) + ["deleted", "seen"])
    #expect(letters.map(\.offset) == [0, 1, 2, 3, 4, 5, 7] && letters[5].reason.contains("offsets 5 to 6"))
    #expect(letters.last?.reason == "6")
    #expect(try Set(test.records(.deadletters).map { $0.header("ce_id") }).count == letters.count)
    _ = worker
  }

  /// Killed with a state behind the commit, of which the records in between are gone, in part or altogether.
  @Test(arguments: [3, 4, 50, 1_000]) func recordsThatTheStateNeeds(cut: Int64) throws {
    _ = try worked()
    try append("gone", "kept", at: 50, 1_000)
    try forget(before: cut)
    let start = [3: 3, 4: 4, 50: 5, 1_000: 6][cut] ?? 0
    let worker = try log.worker(test.configuration, settings)
    expectLost(.historyLost, start) { try worker.exhaust() }
    #expect(try letters().count == 5)
  }

  /// The same while it is reading them.
  @Test func recordsThatTheStateNeedsGoDuringAReplay() throws {
    _ = try worked()
    let worker = try log.worker(test.configuration, settings)
    _ = try worker.step()
    try append("kept", at: 1_000)
    try forget(before: 1_000)
    expectLost(.historyLost, 5) { try worker.exhaust() }
  }

  /// Without a snapshot the state begins with the log, which then has to begin with the group.
  @Test func recordsThatEveryStateNeeds() throws {
    _ = try worked()
    try SnapshotFault.overwritten.strike(test)
    try append("kept", at: 1_000)
    try forget(before: 1_000)
    let worker = try log.worker(test.configuration, settings)
    expectLost(.noSnapshot, 5) { try worker.exhaust() }
  }
}

import EventLog
import Events
import Log
import Synchronization
import Testing

@testable import Engine

/// What a worker does with input that cannot be read, and with errors.
struct FaultTests {
  static let place = TopicPartition("predictions", 0)

  /// Workers die after every possible number of steps; each damaged range has one letter.
  @Test(arguments: [1, 3, 100]) func damageHasOneLetter(pollRecords: Int) throws {
    let settings = WorkerSettings(
      pollRecords: pollRecords, commitRecords: 2, snapshotCommits: 3, snapshotBytesPerRecord: .max)
    func letters(crash: Int) throws -> [Record] {
      let test = try TestLog(SnapshotTests.configuration(partitions: 1))
      let log = WatchedLog(test.log)
      log.notes.withLock { $0.damaged[Self.place] = 3..<6 }
      try test.append(.predictions, 0, (0..<10).map { text("go", at: $0) })
      var worker: Worker<ProbeStage>? = try log.worker(test.configuration, settings)
      for _ in 0..<crash { _ = try worker?.step() }
      worker = nil
      try log.worker(test.configuration, settings).exhaust()
      return try test.records(.deadletters)
    }
    let undisturbed = try letters(crash: 0)
    let codes = try undisturbed.map { try DeadLetter.decode(value: $0.value).code }
    #expect(codes == Array(repeating: "seen", count: 3) + ["damaged"] + Array(repeating: "seen", count: 4))
    #expect(Set(undisturbed.compactMap { $0.header("ce_id") }).count == 8)
    for crash in 1..<14 { #expect(try letters(crash: crash) == undisturbed, "after \(crash) steps") }
  }

  /// What a stage's port cannot read is not the worker's input, whatever its name.
  @Test func otherDamageIsAnErrorAfterWhichNothingIsCommitted() throws {
    let test = try TestLog(SnapshotTests.configuration(partitions: 2))
    let log = WatchedLog(test.log)
    let worker = try log.worker(test.configuration, SnapshotTests.eager)
    try test.append(.predictions, 1, [text("go", at: 0)])
    try test.append(.predictions, 0, [text("go", at: 0), text("fail", at: 0)])
    #expect {
      try worker.exhaust()
    } throws: { error in
      (error as? LogError)?.code == .damaged
    }
    #expect {
      _ = try worker.step(flush: true)
    } throws: { error in
      (error as? EngineError)?.code == .failed
    }
    #expect(worker.stages.isEmpty && worker.savedTime == nil)
    try worker.close()
    #expect(log.takeCommits().isEmpty)
    #expect(try test.records(.deadletters).isEmpty)
  }
}

import Events
import EventLog
import Log
import Synchronization
import Testing

@testable import Engine

/// Damage stands in the join's order like any other record that cannot be read.
struct JoinDamageTests {
  @Test func damageHasOneLetterInOrder() throws {
    let configuration = BadInputTests.configuration()
    let settings = WorkerSettings(pollRecords: 1, commitRecords: 1, snapshotCommits: 2, snapshotBytesPerRecord: .max)
    func outputs(crash: Int) throws -> [Topic: [[Record]]] {
      let test = try TestLog(configuration)
      let log = WatchedLog(test.log)
      log.notes.withLock { $0.damaged[TopicPartition("predictions", 0)] = 2..<4 }
      func worker() throws -> Worker<JoinStage> {
        try Worker(log: log, configuration: configuration, settings: settings) { partition, reader in
          JoinStage(
            partition: partition, configuration: configuration,
            versions: LogVersionDirectory(reader: reader, configuration: configuration), firstFreeNumber: 0)
        }
      }
      for index in 0..<6 {
        try BadInputTests.appendGood("p\(index)", to: test, at: BadInputTests.now + Int64(index) * 100)
      }
      try test.append(.labels, 0, [text("x", at: BadInputTests.now)])
      var first: Worker<JoinStage>? = try worker()
      for _ in 0..<crash { _ = try first?.step() }
      first = nil
      try BadInputTests.settle(try worker(), at: BadInputTests.now + 100_000)
      return try test.outputs()
    }
    let undisturbed = try outputs(crash: 0)
    let letters = try undisturbed[.deadletters]?[0].map { try DeadLetter.decode(value: $0.value).code } ?? []
    #expect(letters.filter { $0 == "damaged" }.count == 1 && letters.count == 2)
    for crash in 1..<24 { RecoveryTests.expectSame(undisturbed, try outputs(crash: crash), "crash after \(crash)") }
  }
}

import EventLog
import Events
import Log
import Testing

@testable import Engine

/// A preview decides as the stage does, and writes nothing.
struct TrainPreviewTests {
  private func preview(_ log: TestLog) throws -> TrainPreview {
    try TrainPreview(of: "a", reader: log.log.makeReader(), configuration: TrainStageTests.configuration)
  }

  /// A stage that has made `versions` versions, by a worker that saves its state seldom or at once.
  private func log(versions: Int, snapshotCommits: Int) throws -> TestLog {
    let log = try TestLog(TrainStageTests.configuration)
    guard versions > 0 else { return log }
    let worker = try log.trainWorker(WorkerSettings(snapshotCommits: snapshotCommits, snapshotBytesPerRecord: .max))
    for number in 1...versions { try TrainStageTests.append(TrainStageTests.trigger(number), to: log) }
    try TrainStageTests.finish(worker, log, verdicts: [2: TrainStageTests.verdict(.reject)])
    return log
  }

  @Test(arguments: 0...3, [1, 1_000]) func decidesAsTheStageDoes(versions: Int, snapshotCommits: Int) throws {
    let log = try log(versions: versions, snapshotCommits: snapshotCommits)
    let before = try log.outputs()
    let trigger = TrainStageTests.trigger(9)
    var preview = try preview(log)
    let run = try preview.run(for: trigger)
    let report = TrainStageTests.report(run)
    let changes = try preview.changes(after: report)
    #expect(preview.runsBefore.isEmpty && changes.last?.version == versions + 1)
    RecoveryTests.expectSame(before, try log.outputs(), "a preview writes nothing")

    let known = try log.read(.models, as: ModelRecord.self).count
    try TrainStageTests.append(trigger, to: log)
    let worker = try log.trainWorker()
    try worker.exhaust()
    #expect(worker.stages[0]?.openRuns == [run])
    try TrainStageTests.append(report, to: log)
    try worker.exhaust()
    #expect(try Array(log.read(.models, as: ModelRecord.self)[known...]) == changes)
  }

  @Test func saysWhatWaitsAndWhatIsRefused() throws {
    let log = try log(versions: 1, snapshotCommits: 1)
    for number in 2...3 { try TrainStageTests.append(TrainStageTests.trigger(number), to: log) }
    try log.trainWorker().exhaust()
    var preview = try preview(log)
    #expect(preview.runsBefore == ["a/t/2", "a/t/3"])
    let failure = #expect(throws: TrainingFailure.self) {
      try preview.run(for: TrainStageTests.trigger(8, before: 10))
    }
    #expect(failure?.description == "no rows after those that version 1 learned")
    #expect(try preview.run(for: TrainStageTests.trigger(9)).parent == 1)
    #expect(throws: TrainingFailure.self) { try preview.run(for: TrainStageTests.trigger(9)) }
  }
}

import Control
import Events
import Log
import Models
import Testing

@testable import Engine

/// Runs that end without a trainer's report: cancelled ones, and those that a quota refuses.
struct TrainRunsTests {
  static func cancel(_ run: String, model: String = "a") -> RunRequest {
    RunRequest(
      id: "cancel-\(run)", model: model, kind: .cancel, run: run, who: "ada", reason: "wrong labels", time: 5)
  }

  static func append(_ request: RunRequest, to log: TestLog) throws {
    let batch = request.batch(TrainStageTests.configuration)
    #expect(batch.partition == TopicPartition("runs", 0))
    try log.append(.runs, 0, batch.records)
  }

  /// The sentences of failed runs, by run.
  static func failures(_ log: TestLog) throws -> [String: String] {
    let reports = try log.read(.runs, as: RunRecord.self).compactMap { record in
      if case .finished(let report) = record, let failure = report.failure { (report.run, failure) } else { nil }
    }
    return Dictionary(reports, uniquingKeysWith: { first, second in "\(first), and \(second)" })
  }

  static func letters(_ log: TestLog) throws -> [String] {
    try log.read(.deadletters, as: DeadLetter.self).map { "\($0.code): \($0.reason)" }
  }

  @Test func aCancelledRunEndsAndItsReportCountsForNothing() throws {
    let log = try TestLog(TrainStageTests.configuration)
    let worker = try log.trainWorker()
    for number in 1...2 { try TrainStageTests.append(TrainStageTests.trigger(number), to: log) }
    try worker.exhaust()
    let run = try #require(worker.stages[0]?.openRuns.first)
    try Self.append(Self.cancel(run.run), to: log)
    try worker.exhaust()
    #expect(worker.stages[0]?.openRuns.map(\.run) == ["a/t/2"], "the next has begun")
    try TrainStageTests.append(TrainStageTests.report(run), to: log)
    try worker.exhaust()
    #expect(try log.records(.models).isEmpty)
    try TrainStageTests.finish(worker, log)
    #expect(try log.read(.models, as: ModelRecord.self).map { "\($0.version) \($0.trigger ?? "")" } == ["1 a/t/2"])
    #expect(try Self.failures(log) == ["a/t/1": "cancelled by ada: wrong labels"])
    #expect(try Self.letters(log).isEmpty)
  }

  @Test func aCancelledTriggerHasNoRun() throws {
    let log = try TestLog(TrainStageTests.configuration)
    let worker = try log.trainWorker()
    for number in 1...3 { try TrainStageTests.append(TrainStageTests.trigger(number), to: log) }
    try worker.exhaust()
    try Self.append(Self.cancel("a/t/2"), to: log)
    try TrainStageTests.finish(worker, log)
    #expect(try TrainStageTests.started(log).map(\.run) == ["a/t/1", "a/t/3"])
    #expect(try Self.failures(log) == ["a/t/2": "cancelled by ada: wrong labels"])
  }

  @Test func whatCannotBeCancelledIsADeadLetter() throws {
    let log = try TestLog(TrainStageTests.configuration)
    let worker = try log.trainWorker()
    try TrainStageTests.append(TrainStageTests.trigger(1), to: log)
    try TrainStageTests.finish(worker, log)
    for run in ["a/t/1", "a/t/9"] { try Self.append(Self.cancel(run), to: log) }
    try Self.append(Self.cancel("a/t/1", model: "nobody"), to: log)
    try worker.exhaust()
    let letters = try Self.letters(log)
    #expect(letters.count == 3)
    #expect(letters.first == "run_over: run a/t/1 of a is over: there is nothing to cancel")
    #expect(letters.dropFirst().first == "unknown_run: a has no run a/t/9 to cancel")
    #expect(letters.last?.hasPrefix("unknown_model") == true)
    #expect(try Self.failures(log).isEmpty)
  }

  /// As `TrainStageTests.restartBetweenAnyTwoSteps`, with cancels.
  @Test(arguments: [1, 1_000]) func restartBetweenAnyTwoSteps(snapshotCommits: Int) throws {
    let settings = WorkerSettings(snapshotCommits: snapshotCommits, snapshotBytesPerRecord: .max)
    let things: [TrainStageTests.Thing] = [
      { try TrainStageTests.append(TrainStageTests.trigger(1), to: $0) },
      { try TrainStageTests.append(TrainStageTests.trigger(2), to: $0) },
      { try TrainStageTests.append(TrainStageTests.trigger(3), to: $0) },
      { try Self.append(Self.cancel("a/t/2"), to: $0) },
      { try Self.append(Self.cancel("a/t/1"), to: $0) },
      { try Self.append(Self.cancel("a/t/1"), to: $0) },
      { try TrainStageTests.append(TrainStageTests.trigger(4), to: $0) },
      { try TrainStageTests.reportNext($0) },
      { try Self.append(Self.cancel("a/t/4"), to: $0) },
    ]
    let undisturbed = try TrainStageTests.outcome(of: things, settings)
    #expect(undisturbed[.runs]?.joined().count == 11 && undisturbed[.models]?.joined().count == 1)
    try TrainStageTests.expectSame(undisturbed, wherever: things, settings)
  }

  @Test func aQuotaOfRunsSaysWhenTheNextIsPossible() throws {
    var configuration = TrainStageTests.configuration
    configuration.models[0].training.runsPerDay = 2
    let log = try TestLog(configuration)
    let hour: Milliseconds = 3_600_000
    func append(_ number: Int, at time: Milliseconds, rule: String = "volume") throws {
      var trigger = TrainStageTests.trigger(number)
      (trigger.time, trigger.rule, trigger.rows.before) = (time, rule, time)
      try TrainStageTests.append(trigger, to: log)
    }
    // A worker of its own for each: what has been counted is kept.
    func work() throws { try TrainStageTests.finish(log.trainWorker(), log) }
    try append(1, at: hour)
    try append(2, at: 2 * hour, rule: Trigger.manual)
    try append(3, at: 3 * hour)
    try work()
    try append(4, at: 4 * hour)
    try append(5, at: 5 * hour, rule: Trigger.manual)
    try work()
    try append(6, at: 25 * hour)
    try append(7, at: 26 * hour)
    try work()
    #expect(try TrainStageTests.started(log).map(\.run) == [1, 2, 3, 5, 6].map { "a/t/\($0)" })
    let failures = try Self.failures(log)
    #expect(failures.keys.sorted() == ["a/t/4", "a/t/7"])
    #expect(
      failures["a/t/4"]
        == "the quota of 2 runs in 24 hours is used up: the next one is possible for a trigger from "
        + "1970-01-02T01:00:00.000Z on, by event time; a person's needs none (train.quotas.runs_per_day)")
    #expect(failures["a/t/7"]?.contains("from 1970-01-02T03:00:00.000Z on") == true)
  }
}

import Bytes
import Control
import Events
import Log
import TestSupport
import Testing

@testable import Engine

/// What people ask of versions: done once, by compare-and-set, told as a chain of records from which the registry can be
/// made anew.
struct TrainRequestTests {
  typealias Stages = TrainStageTests

  static func request(
    _ kind: RunRequest.Kind, _ version: Int? = nil, champion: Int?, id: String, model: String = "a"
  ) -> RunRequest {
    RunRequest(
      id: id, model: model, kind: kind, version: version, champion: champion, who: "ada", reason: "because \(id)",
      time: 77)
  }

  static func append(_ request: RunRequest, to log: TestLog) throws {
    try log.append(.runs, 0, [record(RunRecord.requested(request), at: request.time, key: request.model)])
  }

  /// Versions 1 (champion, then retired), 2 (champion) and 3 (rejected).
  static func worker(_ log: TestLog) throws -> Worker<TrainStage> {
    let worker = try log.trainWorker()
    for number in 1...3 { try Stages.append(Stages.trigger(number), to: log) }
    try Stages.finish(worker, log, verdicts: [3: Stages.verdict(.reject)])
    return worker
  }

  static func changes(_ log: TestLog, from index: Int) throws -> [ModelRecord] {
    Array(try log.read(.models, as: ModelRecord.self).dropFirst(index))
  }

  @Test func promotesWhatWasRejected() throws {
    let log = try TestLog(Stages.configuration)
    let worker = try Self.worker(log)
    let before = try log.read(.models, as: ModelRecord.self).count
    try Self.append(Self.request(.promote, 3, champion: 2, id: "q1"), to: log)
    try worker.exhaust()
    let told = try Self.changes(log, from: before)
    #expect(told.map { "\($0.version) \($0.status.rawValue)" } == ["2 retired", "3 champion"])
    #expect(told.allSatisfy { $0.who == "ada" && $0.request == "q1" && $0.time == 77 })
    #expect(told.last?.reason == "because q1" && told.last?.artifact == "artifact-3" && told.last?.parent == 2)
    #expect(worker.stages[0]?.registry(of: "a")?.champion?.version == 3)
    #expect(try log.records(.deadletters).isEmpty)
  }

  @Test func rollsBackAndTheNextRunGoesOnFromThere() throws {
    let log = try TestLog(Stages.configuration)
    let worker = try Self.worker(log)
    let before = try log.read(.models, as: ModelRecord.self).count
    try Self.append(Self.request(.rollback, champion: 2, id: "q1"), to: log)
    try worker.exhaust()
    try Stages.append(Stages.trigger(4), to: log)
    try worker.exhaust()
    let told = try Self.changes(log, from: before)
    #expect(told.map { "\($0.version) \($0.status.rawValue)" } == ["2 rolled_back", "1 champion"])
    let run = try #require(try Stages.started(log).last)
    // Version 1 learned what is before 1,000; its run had named the rows from the first on.
    #expect(run.version == 4 && run.parent == 1 && run.parentArtifact == "artifact-1")
    let own = [PartitionRows(partition: 0, first: 0, end: 40)]
    #expect(run.rows == RowSet(from: 1_000, before: 4_000, partitions: own))
  }

  @Test func whatCannotBeDoneChangesNothingAndSaysWhy() throws {
    let log = try TestLog(Stages.configuration)
    let worker = try Self.worker(log)
    let registry = worker.stages[0]?.registry(of: "a")
    let before = try log.read(.models, as: ModelRecord.self).count
    let requests = [
      Self.request(.promote, 3, champion: 1, id: "q1"), Self.request(.promote, 9, champion: 2, id: "q2"),
      Self.request(.reject, 1, champion: 2, id: "q3"), Self.request(.promote, 1, champion: 2, id: "q4", model: "x"),
    ]
    for request in requests { try Self.append(request, to: log) }
    try worker.exhaust()
    #expect(try Self.changes(log, from: before).isEmpty && worker.stages[0]?.registry(of: "a") == registry)
    let letters = try log.read(.deadletters, as: DeadLetter.self)
    #expect(letters.map(\.code) == ["champion_changed", "unknown_version", "impossible_change", "unknown_model"])
    #expect(
      letters.first?.reason == "promote of a: version 2 is the champion, not version 1, as this was asked for")
  }

  @Test func whatComesTwiceIsDoneOnce() throws {
    let log = try TestLog(Stages.configuration)
    let worker = try Self.worker(log)
    let before = try log.read(.models, as: ModelRecord.self).count
    // Done twice it would go back and forth.
    for _ in 0..<2 { try Self.append(Self.request(.promote, 3, champion: 2, id: "q1"), to: log) }
    try Self.append(Self.request(.promote, 2, champion: 3, id: "q1"), to: log)
    try worker.exhaust()
    #expect(try Self.changes(log, from: before).count == 2)
    #expect(try log.read(.deadletters, as: DeadLetter.self).map(\.code) == ["duplicate_request", "duplicate_request"])
  }

  /// Requests, reports and triggers in any order; then the topic alone tells what the stage knows, and the chain holds.
  @Test(arguments: 1...12) func theTopicTellsTheRegistry(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let log = try TestLog(Stages.configuration)
    let settings = WorkerSettings(snapshotCommits: 3, snapshotBytesPerRecord: .max)
    var current: Worker<TrainStage>?
    var triggers = 0
    for step in 0..<60 {
      if Int.random(in: 0..<8, using: &random) == 0 { current = nil }
      let worker = try current ?? log.trainWorker(settings)
      current = worker
      try worker.exhaust()
      switch Int.random(in: 0..<5, using: &random) {
      case 0:
        triggers += 1
        try Stages.append(Stages.trigger(triggers), to: log)
      case 1:
        guard let run = worker.stages[0]?.openRuns.first else { continue }
        let outcome = try #require(GateOutcome.allCases.randomElement(using: &random))
        let canary = try run.fallback.map { fallback in
          Stages.canary(try #require(CanaryVerdict.allCases.randomElement(using: &random)), fallback: fallback.version)
        }
        let isRollback = canary?.verdict == .rollBack
        try Stages.append(Stages.report(run, Stages.verdict(isRollback ? .shadow : outcome, canary: canary)), to: log)
      default:
        let kind = [RunRequest.Kind.promote, .reject, .rollback].randomElement(using: &random) ?? .promote
        let versions = worker.stages[0]?.registry(of: "a")?.nextVersion ?? 1
        try Self.append(
          Self.request(
            kind,
            Int.random(in: 0...4, using: &random) == 0 && kind == .rollback
              ? nil : Int.random(in: 1...max(versions - 1, 1), using: &random),
            champion: worker.stages[0]?.registry(of: "a")?.champion?.version, id: "\(step)"), to: log)
      }
      try worker.exhaust()
    }
    let stage = try #require(current?.stages[0]?.registry(of: "a"))
    var view = Registry()
    for record in try log.read(.models, as: ModelRecord.self) { view.take(record) }
    #expect(view == stage)
    #expect(stage.promotions.count > 2 && Set(stage.versions.map(\.status)).count > 2, "\(stage.versions)")
    try Self.expectChain(log)
  }

  /// A person makes another version champion while a run is at work, whatever comes of that: nothing that it says of the
  /// former champion counts, and the next run continues the new one from the beginning.
  @Test(arguments: GateOutcome.allCases, [nil, CanaryVerdict.rollBack])
  func aRunAgainstAFormerChampionChangesNothing(outcome: GateOutcome, verdict: CanaryVerdict?) throws {
    let log = try TestLog(Stages.configuration)
    let worker = try log.trainWorker()
    for number in 1...3 { try Stages.append(Stages.trigger(number), to: log) }
    try Stages.finish(worker, log, verdicts: [2: Stages.verdict(.provisional), 3: Stages.verdict(.shadow)])
    for number in 4...5 { try Stages.append(Stages.trigger(number), to: log) }
    try worker.exhaust()
    try Self.append(Self.request(.promote, 3, champion: 2, id: "q1"), to: log)
    let run = try #require(worker.stages[0]?.openRuns.first)
    #expect(run.version == 4 && run.champion?.version == 2 && run.fallback?.version == 1)
    let canary = verdict.map { Stages.canary($0, fallback: 1) }
    try Stages.append(Stages.report(run, Stages.verdict(outcome, canary: canary)), to: log)
    try worker.exhaust()
    #expect(worker.stages[0]?.registry(of: "a")?.champion?.version == 3)
    let next = try #require(worker.stages[0]?.openRuns.first)
    #expect(next.parent == 3 && next.champion?.version == 3 && next.contest == nil && next.fallback == nil)
    #expect(next.rows.from == 3_000)
  }

  /// What a person rejects is continued no further; the watch over the champion goes on.
  @Test func whatAPersonRejectsIsContinuedNoFurther() throws {
    let log = try TestLog(Stages.configuration)
    let worker = try log.trainWorker()
    for number in 1...3 { try Stages.append(Stages.trigger(number), to: log) }
    try Stages.finish(worker, log, verdicts: [2: Stages.verdict(.provisional), 3: Stages.verdict(.shadow)])
    try Self.append(Self.request(.reject, 3, champion: 2, id: "q1"), to: log)
    try worker.exhaust()
    try Stages.append(Stages.trigger(4), to: log)
    try worker.exhaust()
    let next = try #require(worker.stages[0]?.openRuns.first)
    #expect(next.parent == 2 && next.contest == nil && next.fallback?.version == 1)
    #expect(next.rows.from == 3_000, "the rows that it learned are learned by no other")
  }

  static func expectChain(_ log: TestLog) throws {
    var newest: [String: String] = [:]
    for record in try log.records(.models) {
      let change = try ModelRecord.decode(value: record.value)
      #expect(change.previous == newest[change.model] && change.who != nil)
      newest[change.model] = artifactChecksum(Array(record.value ?? []))
    }
  }

  /// Whoever replays from the beginning under another configuration goes on behind what stands in the topic.
  @Test func theChainGoesOnBehindWhatAnotherConfigurationWrote() throws {
    let log = try TestLog(Stages.configuration)
    _ = try Self.worker(log)
    let gone = (0...1).map { Record(timestamp: 0, key: key("train/0/\($0)/0"), value: nil) }
    try log.append(.checkpoints, 0, gone)
    var other = Stages.configuration
    other.fingerprint = "another"
    let worker = try Worker(log: log.log, configuration: other, settings: WorkerSettings()) { [other] partition, _ in
      TrainStage(partition: partition, configuration: other)
    }
    try worker.exhaust()
    try Self.append(Self.request(.promote, 3, champion: 2, id: "q1"), to: log)
    try worker.exhaust()
    try Self.expectChain(log)
    #expect(try log.read(.models, as: ModelRecord.self).last?.configuration == "another")
  }
}

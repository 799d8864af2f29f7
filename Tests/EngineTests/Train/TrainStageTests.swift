import Control
import Events
import Log
import Models
import Testing

@testable import Engine

/// One run per trigger, in order; what a report leads to; and the same records wherever the worker is restarted.
struct TrainStageTests {
  static let configuration = EngineConfiguration(
    inputPartitions: 1,
    models: ["a", "b"].map {
      ModelConfiguration(name: $0, task: .binary, training: TrainingConfiguration(referenceRows: 10))
    }, fingerprint: "f", code: "c")

  static func trigger(_ number: Int, model: String = "a", before: Milliseconds? = nil) -> Trigger {
    Trigger(
      id: "\(model)/t/\(number)", model: model, time: Milliseconds(1_000 * number), rule: "manual", cause: "t",
      attempt: number,
      rows: RowSet(
        before: before ?? Milliseconds(1_000 * number),
        partitions: [PartitionRows(partition: 0, first: Int64(10 * number - 10), end: Int64(10 * number))]))
  }

  static func verdict(_ outcome: GateOutcome, canary: CanaryRecord? = nil) -> GateRecord {
    GateRecord(
      outcome: outcome, reason: "why", measure: "log_loss", rows: 50, minimumRows: 10, challenger: 1, champion: 1,
      canary: canary)
  }

  static func canary(_ verdict: CanaryVerdict, fallback: Int) -> CanaryRecord {
    let evidence = EvidenceRecord(
      tolerance: 0, mean: 0, deviation: 1, dependence: 1, logEvidence: 0, logThreshold: 3)
    return CanaryRecord(
      fallback: fallback, rows: 9, previous: 1, current: 2, rollback: evidence, confirmation: evidence, verdict: verdict
    )
  }

  /// What a trainer would report.
  static func report(_ run: RunStarted, _ gate: GateRecord = verdict(.promote)) -> RunFinished {
    let before = run.rows.before
    let rows = 50
    let result = RunResult(
      artifact: "artifact-\(run.version)", artifactBytes: 3, trainedRows: 8, validatedRows: rows, refusedRows: 0,
      learned: RowSet(
        from: run.rows.from ?? 0, before: before,
        partitions: [
          PartitionRows(partition: 0, first: run.rows.partitions[0].end - 8, end: run.rows.partitions[0].end)
        ]),
      validated: RowSet(
        from: before - 200, before: before,
        partitions: [
          PartitionRows(partition: 0, first: run.rows.partitions[0].end - 2, end: run.rows.partitions[0].end)
        ]),
      rowsHash: "hash", challenger: MetricsRecord(rows: rows, loss: 1),
      champion: run.champion.map { _ in MetricsRecord(rows: rows, loss: 1) },
      difference: run.champion.map { _ in MomentsRecord(count: rows, mean: 0, m2: 1, min: -1, max: 1) },
      gate: gate, contest: "contest-\(run.version)",
      reference: ReferenceRecord(rows: 8, provisional: true, columns: []))
    return RunFinished(run: run.run, model: run.model, version: run.version, seconds: 0.5, result: result)
  }

  static func append(_ trigger: Trigger, to log: TestLog) throws {
    try log.append(.triggers, 0, [record(trigger, at: trigger.time, key: trigger.model)])
  }

  static func append(_ report: RunFinished, to log: TestLog) throws {
    try log.append(.runs, 0, [record(RunRecord.finished(report), at: 0, key: report.model)])
  }

  static func started(_ log: TestLog) throws -> [RunStarted] {
    try log.records(.runs).compactMap { record in
      guard case .started(let run) = try? RunRecord.decode(value: record.value) else { return nil }
      return run
    }
  }

  /// Reports every open run with what the gate says of its version, until none is open.
  static func finish(
    _ worker: Worker<TrainStage>, _ log: TestLog, verdicts: [Int: GateRecord] = [:]
  ) throws {
    try worker.exhaust()
    while let run = worker.stages[0]?.openRuns.first {
      try append(report(run, verdicts[run.version] ?? verdict(.promote)), to: log)
      try worker.exhaust()
    }
  }

  @Test func triggersAreWorkedOffOneByOne() throws {
    let log = try TestLog(Self.configuration)
    let worker = try log.trainWorker()
    for number in 1...3 { try Self.append(Self.trigger(number), to: log) }
    try Self.append(Self.trigger(1, model: "b"), to: log)
    try worker.exhaust()
    #expect(try Self.started(log).map(\.run) == ["a/t/1", "b/t/1"], "one run of a model at a time")
    try Self.finish(worker, log)
    #expect(try Self.started(log).map(\.run) == ["a/t/1", "b/t/1", "a/t/2", "a/t/3"])
    #expect(try Self.started(log).map(\.version) == [1, 1, 2, 3])
    #expect(try Self.started(log).map(\.parent) == [nil, nil, 1, 2])
    let models = try log.read(.models, as: ModelRecord.self).filter { $0.model == "a" }
    #expect(
      models.map { "\($0.version) \($0.status.rawValue)" } == [
        "1 champion", "1 retired", "2 champion", "2 retired", "3 champion",
      ])
    #expect(try log.records(.deadletters).isEmpty)
  }

  /// Every verdict on the second version, and what the third run goes on from.
  @Test(arguments: GateOutcome.allCases) func theNextRunContinuesTheLearner(outcome: GateOutcome) throws {
    let log = try TestLog(Self.configuration)
    let worker = try log.trainWorker()
    for number in 1...3 { try Self.append(Self.trigger(number), to: log) }
    try Self.finish(worker, log, verdicts: [2: Self.verdict(outcome)])
    let runs = try Self.started(log)
    #expect(runs[0].rows == RowSet(before: 1_000, partitions: [PartitionRows(partition: 0, first: 0, end: 10)]))
    #expect(runs[0].champion == nil && runs[0].contest == nil)
    #expect(
      runs[1].rows == RowSet(from: 1_000, before: 2_000, partitions: [PartitionRows(partition: 0, first: 2, end: 20)]))
    let first = NamedVersion(version: 1, artifact: "artifact-1")
    #expect(runs[1].champion == first && runs[1].parentArtifact == "artifact-1" && runs[1].contest == "contest-1")
    // No row is learned twice, and none that a version has learned that was thrown away.
    #expect(runs[2].rows.from == 2_000)
    let isPromoted = [.promote, .provisional].contains(outcome)
    #expect(runs[2].parent == (outcome == .reject ? 1 : 2))
    #expect(runs[2].champion?.version == (isPromoted ? 2 : 1) && runs[2].contest == "contest-2")
    #expect(runs[2].fallback == (outcome == .provisional ? first : nil))
  }

  @Test(arguments: [
    (GateOutcome.promote, ModelStatus.champion), (.provisional, .champion), (.reject, .rejected), (.shadow, .shadow),
    (.person, .inconclusive),
  ])
  func judges(outcome: GateOutcome, expected: ModelStatus) throws {
    let log = try TestLog(Self.configuration)
    let worker = try log.trainWorker()
    for number in 1...2 { try Self.append(Self.trigger(number), to: log) }
    try Self.finish(worker, log, verdicts: [2: Self.verdict(outcome)])
    let models = try log.read(.models, as: ModelRecord.self)
    let change = try #require(models.last)
    #expect(change.status == expected && change.version == 2 && change.parent == 1 && change.reason == "why")
    #expect(change.artifact == "artifact-2" && change.trigger == "a/t/2" && change.rowsHash == "hash")
    #expect(change.configuration == "f" && change.code == "c" && change.seed == 1 && change.reference != nil)
    #expect(change.gate == Self.verdict(outcome))
    #expect(models.contains { $0.version == 1 && $0.status == .retired } == (expected == .champion))
    #expect(worker.stages[0]?.registry(of: "a")?.champion?.version == (expected == .champion ? 2 : 1))
  }

  /// Version 2 serves provisionally; the run of version 3 shows how it does.
  @Test(arguments: [CanaryVerdict.goOn, .rollBack, .confirm, .person])
  func whatServesProvisionallyStaysOrGoes(verdict: CanaryVerdict) throws {
    let log = try TestLog(Self.configuration)
    let worker = try log.trainWorker()
    for number in 1...4 { try Self.append(Self.trigger(number), to: log) }
    try Self.finish(
      worker, log,
      verdicts: [
        2: Self.verdict(.provisional), 3: Self.verdict(.shadow, canary: Self.canary(verdict, fallback: 1)),
        4: Self.verdict(.shadow),
      ])
    let changes = try log.read(.models, as: ModelRecord.self).map { "\($0.version) \($0.status.rawValue)" }
    let expected =
      ["1 champion", "1 retired", "2 champion"]
      + (verdict == .rollBack ? ["2 rolled_back", "1 champion"] : []) + ["3 shadow", "4 shadow"]
    #expect(changes == expected)
    let last = try #require(try Self.started(log).last)
    #expect(last.champion?.version == (verdict == .rollBack ? 1 : 2) && last.parent == 3, "the learner goes on")
    #expect(last.fallback?.version == (verdict == .goOn ? 1 : nil))
  }

  @Test func aFailedRunMakesNoVersionAndTheNextGoesOn() throws {
    let log = try TestLog(Self.configuration)
    let worker = try log.trainWorker()
    for number in 1...2 { try Self.append(Self.trigger(number), to: log) }
    try worker.exhaust()
    try Self.append(
      RunFinished(run: "a/t/1", model: "a", version: 1, failure: "no rows", seconds: 1), to: log)
    try Self.finish(worker, log)
    #expect(try log.read(.models, as: ModelRecord.self).map(\.version) == [1], "versions are numbered as they are made")
  }

  @Test func nothingNewIsNoRun() throws {
    let log = try TestLog(Self.configuration)
    let worker = try log.trainWorker()
    try Self.append(Self.trigger(1), to: log)
    try Self.append(Self.trigger(2, before: 800), to: log)
    try Self.append(Self.trigger(3), to: log)
    try Self.finish(worker, log)
    #expect(try Self.started(log).map(\.run) == ["a/t/1", "a/t/3"])
    let failures = try log.read(.runs, as: RunRecord.self).compactMap {
      if case .finished(let report) = $0, report.failure != nil { report.run } else { nil }
    }
    #expect(failures == ["a/t/2"])
  }

  @Test func badAndRepeatedRecordsChangeNothing() throws {
    let log = try TestLog(Self.configuration)
    let worker = try log.trainWorker()
    try log.append(.triggers, 0, [Record(timestamp: 0, value: nil), text("soon", at: 0), text("{}", at: 0)])
    try Self.append(Self.trigger(1, model: "nobody"), to: log)
    try Self.append(Self.trigger(1), to: log)
    try Self.append(Self.trigger(1), to: log)
    try log.append(.runs, 0, [Record(timestamp: 0, value: nil), text("[]", at: 0)])
    try Self.finish(worker, log)
    let run = try #require(try Self.started(log).first)
    try Self.append(Self.report(run), to: log)
    try worker.exhaust()
    #expect(try log.read(.models, as: ModelRecord.self).count == 1, "a second report of a run counts for nothing")
    let letters = try log.read(.deadletters, as: DeadLetter.self)
    #expect(
      letters.filter { $0.topic == "triggers" }.map(\.code) == [
        "null_value", "not_json", "missing_field", "unknown_model", "duplicate_trigger",
      ])
    #expect(letters.filter { $0.topic == "runs" }.map(\.code) == ["null_value", "wrong_type"])
  }

  /// The worker is dropped before any thing, and the next begins either before or after that thing has happened.
  @Test(arguments: [1, 2, 1_000]) func restartBetweenAnyTwoSteps(snapshotCommits: Int) throws {
    let settings = WorkerSettings(snapshotCommits: snapshotCommits, snapshotBytesPerRecord: .max)
    let things: [Thing] = [
      { try Self.append(Self.trigger(1), to: $0) },
      { try Self.reportNext($0) },
      { try Self.append(Self.trigger(1, model: "b"), to: $0) },
      { try Self.append(Self.trigger(2), to: $0) },
      { try Self.append(Self.trigger(3), to: $0) },
      { try Self.reportNext($0) },
      { try Self.reportNext($0) },
      { try Self.append(Self.trigger(3), to: $0) },
      { try Self.append(Self.trigger(2, model: "b"), to: $0) },
      { try Self.reportNext($0) },
      { try Self.reportNext($0) },
    ]
    let undisturbed = try Self.outcome(of: things, settings)
    #expect(undisturbed[.runs]?.joined().count == 10)
    try Self.expectSame(undisturbed, wherever: things, settings)
  }

  typealias Thing = (TestLog) throws -> Void

  /// What a worker makes of one thing after another from outside.
  ///
  /// - Parameters:
  ///   - step: before which the worker is dropped.
  ///   - whileDown: whether that thing happens before the next one begins.
  static func outcome(
    of things: [Thing], _ settings: WorkerSettings, dropAt step: Int? = nil, whileDown: Bool = false
  ) throws -> [Topic: [[Record]]] {
    let log = try TestLog(configuration)
    var worker: Worker<TrainStage>? = try log.trainWorker(settings)
    for (index, thing) in things.enumerated() {
      let isDropped = index == step
      if isDropped { worker = nil }
      if isDropped, whileDown { try thing(log) }
      let current = try worker ?? log.trainWorker(settings)
      worker = current
      if !isDropped || !whileDown { try thing(log) }
      try current.exhaust()
    }
    return try log.outputs()
  }

  static func expectSame(
    _ undisturbed: [Topic: [[Record]]], wherever things: [Thing], _ settings: WorkerSettings
  ) throws {
    for step in things.indices {
      for whileDown in [false, true] {
        let outputs = try outcome(of: things, settings, dropAt: step, whileDown: whileDown)
        RecoveryTests.expectSame(undisturbed, outputs, "dropped before step \(step), which came \(whileDown)")
      }
    }
  }

  /// Reports the oldest run that has none.
  static func reportNext(_ log: TestLog) throws {
    let reported = try log.read(.runs, as: RunRecord.self).compactMap {
      if case .finished(let report) = $0 { report.run } else { nil }
    }
    let open = try started(log).first { !reported.contains($0.run) }
    try append(report(try #require(open)), to: log)
  }
}

import Control
import Events
import Log
import Models

// What a run's outcome leads to.
extension TrainStage {
  mutating func judge(_ run: RunStarted, _ result: RunResult, _ index: Int, into outputs: inout Outputs) {
    // A person may have made another version champion meanwhile, of which the run says nothing.
    let isCurrent = run.champion?.version == models[index].registry.champion?.version
    if isCurrent, let canary = result.gate.canary, canary.verdict == .rollBack {
      rollBack(run, to: canary, index, into: &outputs)
    }
    let status = ModelStatus(result.gate.outcome, isCurrent: isCurrent)
    let retired = models[index].enter(run, result, status, isCurrent: isCurrent)
    if let retired {
      var change = record(of: run, index, retired.version, .retired, "version \(run.version) is champion now")
      change.parent = retired.parent
      change.artifact = retired.artifact
      publish(change, index, into: &outputs)
    }
    var change = record(of: run, index, run.version, status, result.gate.reason)
    (change.artifact, change.artifactBytes) = (result.artifact, result.artifactBytes)
    (change.challenger, change.champion, change.difference) = (result.challenger, result.champion, result.difference)
    (change.rows, change.trainedRows, change.rowsHash) = (result.learned, result.trainedRows, result.rowsHash)
    (change.reference, change.gate) = (result.reference, result.gate)
    publish(change, index, into: &outputs)
  }

  private mutating func rollBack(
    _ run: RunStarted, to canary: CanaryRecord, _ index: Int, into outputs: inout Outputs
  ) {
    guard let (former, current) = models[index].registry.rollBack(to: canary.fallback) else { return }
    let reasons = [
      (former, "proven worse than version \(current.version) on \(canary.rows) rows"),
      (current, "serves again: version \(former.version) is rolled back"),
    ]
    for (version, reason) in reasons {
      var change = record(of: run, index, version.version, version.status, reason)
      change.parent = version.parent
      change.artifact = version.artifact
      publish(change, index, into: &outputs)
    }
  }

  private func record(
    of run: RunStarted, _ index: Int, _ version: Int, _ status: ModelStatus, _ reason: String
  ) -> ModelRecord {
    ModelRecord(
      model: run.model, version: version, status: status, reason: reason, time: run.time, parent: run.parent,
      trigger: run.run, family: run.family, task: models[index].configuration.task.name,
      configuration: configuration.fingerprint, code: configuration.code, seed: run.seed)
  }
}

extension TrainStage.ModelState {
  /// The newest challenger, else the champion, which is all that a program outside continues.
  private var base: Registry.Version? {
    (isOutside ? nil : learner.flatMap(registry.version)) ?? registry.champion
  }

  private var isOutside: Bool { configuration.externalFamily != nil }

  mutating func run(for trigger: Trigger) -> RunStarted {
    let base = base
    for rows in trigger.rows.partitions {
      firstFresh[rows.partition] = min(firstFresh[rows.partition] ?? rows.first, rows.first)
    }
    let training = configuration.training
    let rows = RowSet(
      from: base.map { max($0.before, skipped ?? $0.before) }, before: trigger.rows.before,
      partitions: trigger.rows.partitions.map {
        PartitionRows(partition: $0.partition, first: firstFresh[$0.partition] ?? $0.first, end: $0.end)
      })
    return RunStarted(
      run: trigger.id, model: trigger.model, time: trigger.time, version: registry.nextVersion,
      parent: base?.version, parentArtifact: base?.artifact, champion: registry.champion.map(NamedVersion.init),
      fallback: isOutside ? nil : fallback.flatMap(registry.version).map(NamedVersion.init),
      contest: contest, family: configuration.familyName, seed: training.seed, rows: rows,
      referenceFrom: base.map { registry.referenceStart(rows: training.referenceRows, of: $0) },
      onset: trigger.onset, holdout: training.holdout)
  }

  /// - Parameter isCurrent: whether the champion still is the one that the run compared with.
  /// - Returns: the version that is champion no longer.
  fileprivate mutating func enter(
    _ run: RunStarted, _ result: RunResult, _ status: ModelStatus, isCurrent: Bool
  ) -> Registry.Version? {
    if isCurrent { follow(run, result, status) } else { forget() }
    return registry.enter(
      Registry.Version(
        version: run.version, status: status, artifact: result.artifact, trainedRows: result.trainedRows,
        from: result.learned.from ?? .min, before: result.learned.before, parent: run.parent))
  }

  /// Lets the next run continue whoever is champion now, and compare with it from the beginning.
  mutating func forget() {
    (learner, skipped, contest, fallback) = (nil, nil, nil, nil)
  }

  /// What the next run goes on from.
  private mutating func follow(_ run: RunStarted, _ result: RunResult, _ status: ModelStatus) {
    // A program outside continues the champion, which has not learned the rows that were held out.
    let goesOn = !isOutside && result.gate.keepsChallenger
    if status == .champion || goesOn {
      firstFresh = Dictionary(
        result.learned.partitions.map { ($0.partition, $0.first) }, uniquingKeysWith: { first, _ in first })
    }
    skipped = isOutside || goesOn ? nil : result.learned.before
    learner = goesOn && status != .champion ? run.version : nil
    contest = result.contest
    if let verdict = result.gate.canary?.verdict, verdict != .goOn { fallback = nil }
    if result.gate.outcome == .provisional { fallback = fallback ?? run.champion?.version }
    if isOutside { fallback = nil }
  }
}

extension ModelStatus {
  /// A challenger that was proven against a champion of former times is judged no further.
  fileprivate init(_ outcome: GateOutcome, isCurrent: Bool) {
    self =
      switch outcome {
      case .promote, .provisional: isCurrent ? .champion : .shadow
      case .reject: .rejected
      case .shadow: .shadow
      case .person: .inconclusive
      }
  }
}

extension NamedVersion {
  fileprivate init(_ version: Registry.Version) {
    self.init(version: version.version, artifact: version.artifact)
  }
}

import Control
import Events
import Log
import Models

// What a run's outcome leads to.
extension TrainStage {
  mutating func judge(_ run: RunStarted, _ result: RunResult, _ index: Int, into outputs: inout Outputs) {
    if let canary = result.gate.canary, canary.verdict == .rollBack {
      rollBack(run, to: canary, index, into: &outputs)
    }
    let status = models[index].status(of: run, result)
    let retired = models[index].enter(run, result, status)
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
  /// The newest challenger, else the champion.
  private var base: Registry.Version? {
    learner.flatMap(registry.version) ?? registry.champion
  }

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
      fallback: fallback.flatMap(registry.version).map(NamedVersion.init), contest: contest,
      family: configuration.familyName, seed: training.seed, rows: rows,
      referenceFrom: base.map { registry.referenceStart(rows: training.referenceRows, of: $0) },
      onset: trigger.onset, holdout: training.holdout)
  }

  /// A challenger that was judged against a champion of former times is judged no further.
  fileprivate func status(of run: RunStarted, _ result: RunResult) -> ModelStatus {
    switch result.gate.outcome {
    case .promote, .provisional: run.champion?.version == registry.champion?.version ? .champion : .shadow
    case .reject: .rejected
    case .shadow: .shadow
    case .person: .inconclusive
    }
  }

  /// - Returns: the version that is champion no longer.
  fileprivate mutating func enter(
    _ run: RunStarted, _ result: RunResult, _ status: ModelStatus
  ) -> Registry.Version? {
    // A program outside continues the champion, which has not learned the rows that were held out.
    let goesOn = configuration.externalFamily == nil && result.gate.keepsChallenger
    if status == .champion || goesOn {
      firstFresh = Dictionary(
        result.learned.partitions.map { ($0.partition, $0.first) }, uniquingKeysWith: { first, _ in first })
    }
    skipped = configuration.externalFamily == nil && !goesOn ? result.learned.before : nil
    learner = goesOn && status != .champion ? run.version : nil
    let isPromoted = [.promote, .provisional].contains(result.gate.outcome)
    if isPromoted, status != .champion {
      forget()
    } else {
      contest = result.contest
      follow(result.gate, of: run)
    }
    return registry.enter(
      Registry.Version(
        version: run.version, status: status, artifact: result.artifact, trainedRows: result.trainedRows,
        from: result.learned.from ?? .min, before: result.learned.before, parent: run.parent))
  }

  /// Lets the comparison begin anew, against whoever is champion now.
  mutating func forget() {
    (contest, fallback) = (nil, nil)
  }

  /// Remembers whom the champion is compared with while it serves provisionally.
  private mutating func follow(_ gate: GateRecord, of run: RunStarted) {
    if let verdict = gate.canary?.verdict, verdict != .goOn { fallback = nil }
    if gate.outcome == .provisional { fallback = fallback ?? run.champion?.version }
  }
}

extension NamedVersion {
  fileprivate init(_ version: Registry.Version) {
    self.init(version: version.version, artifact: version.artifact)
  }
}

import Engine
import Events
import Log

/// Triggers, runs and changes of models: one run for a trigger, versions without gaps, one champion at a time.
struct ModelCheck {
  let ledger: Ledger

  func findings() -> [String] {
    ledger.configuration.models.map(\.name).flatMap { triggers($0) + versions($0) + changes($0) }
  }

  private func runs(_ model: String) -> [(source: String, event: RunRecord)] {
    ledger.all(.runs, as: RunRecord.self).filter { _, record in
      switch record {
      case .started(let run): run.model == model
      case .finished(let run): run.model == model
      case .requested: false
      }
    }
  }

  /// Runs as Train decided them, in order: those that began, and those that came to nothing at once.
  private func decided(_ model: String) -> [(run: String, version: Int)] {
    var begun: Set<String> = []
    return runs(model).compactMap { source, record in
      switch record {
      case .started(let run):
        begun.insert(run.run)
        return (run.run, run.version)
      case .finished(let run):
        return isTrains(source) && !begun.contains(run.run) ? (run.run, run.version) : nil
      case .requested: return nil
      }
    }
  }

  private func isTrains(_ source: String) -> Bool { source.hasPrefix("leeway/train/") }

  /// What trainers report of runs that nobody has cancelled.
  private func results(_ model: String) -> [RunFinished] {
    let finished = runs(model).compactMap { source, record -> (source: String, run: RunFinished)? in
      if case .finished(let run) = record { (source, run) } else { nil }
    }
    let cancelled = Set(finished.filter { isTrains($0.source) }.map(\.run.run))
    return finished.map(\.run).filter { $0.result != nil && !cancelled.contains($0.run) }
  }

  private func triggers(_ model: String) -> [String] {
    let triggers = ledger.all(.triggers, as: Trigger.self).map(\.event).filter { $0.model == model }.map(\.id)
    var findings: [String] = []
    if Set(triggers).count != triggers.count { findings.append("triggers of \(model) come twice: \(triggers)") }
    let runs = decided(model).map(\.run)
    if runs != triggers { findings.append("runs of \(model): \(runs) should be \(triggers)") }
    return findings
  }

  /// Each run is to make the version after those that were made before it.
  private func versions(_ model: String) -> [String] {
    let made = Set(results(model).map(\.run))
    var (next, findings) = (1, [String]())
    for (run, version) in decided(model) {
      if version != next { findings.append("run \(run) is to make version \(version) of \(model), not \(next)") }
      if made.contains(run) { next += 1 }
    }
    return findings
  }

  private func changes(_ model: String) -> [String] {
    var findings: [String] = []
    var results: [Int: RunFinished] = [:]
    for run in self.results(model) {
      if let other = results.updateValue(run, forKey: run.version), other != run {
        findings.append("run \(run.run) has two results")
      }
    }
    var champion: Int?
    var judged: [Int] = []
    for change in ledger.all(.models, as: ModelRecord.self).map(\.event) where change.model == model {
      switch change.status {
      case .retired, .rolledBack:
        if change.version != champion {
          findings.append("version \(change.version) of \(model) retires, is no champion")
        }
        champion = nil
      case .champion:
        if champion != nil { findings.append("version \(change.version) of \(model) is a second champion") }
        champion = change.version
        // One that serves again was judged before, and so was one that a person lets serve.
        if !judged.contains(change.version) { judged.append(change.version) }
      case .rejected where change.request != nil:
        if !judged.contains(change.version) { findings.append("version \(change.version) of \(model) was not judged") }
      case .rejected, .inconclusive, .shadow: judged.append(change.version)
      default: findings.append("version \(change.version) of \(model) is \(change.status.rawValue)")
      }
      if ![.retired, .rolledBack].contains(change.status), results[change.version]?.result?.artifact != change.artifact
      {
        findings.append("version \(change.version) of \(model) is not what its run made")
      }
    }
    if judged != results.keys.sorted() {
      findings.append("versions of \(model) that were judged: \(judged) should be \(results.keys.sorted())")
    }
    if !judged.isEmpty, champion == nil { findings.append("\(model) has no champion") }
    return findings
  }
}

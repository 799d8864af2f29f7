import Control
import Events

// Runs that end without a trainer's report.

extension TrainStage.ModelState {
  /// Why a trigger whose turn it is gets no run; nil where it does.
  mutating func refusal(of run: RunStarted, for trigger: Trigger) -> String? {
    if let from = run.rows.from, run.rows.before <= from {
      return "no rows after those that version \(run.parent ?? 0) learned"
    }
    let limit = configuration.training.runsPerDay
    guard let limit, let next = queue.postpone(trigger, runsPerDay: limit) else { return nil }
    return "the quota of \(limit) \(limit == 1 ? "run" : "runs") in 24 hours is used up: the next one is possible for "
      + "a trigger from \(RFC3339.format(next)) on, by event time; a person's needs none (train.quotas.runs_per_day)"
  }
}

extension TrainStage {
  /// Ends a trigger that has had no run.
  func end(_ trigger: Trigger, _ index: Int, _ reason: String, into outputs: inout Outputs) {
    let report = RunFinished(
      run: trigger.id, model: trigger.model, version: models[index].registry.nextVersion, failure: reason, seconds: 0)
    outputs.emit(RunRecord.finished(report), kind: "run", to: .runs, key: trigger.model, time: trigger.time)
  }

  /// Ends a run that is under way or waits. What its trainer reports later ends nothing any more.
  mutating func cancel(_ request: RunRequest, _ index: Int, into outputs: inout Outputs) throws {
    let run = request.run ?? ""
    switch models[index].queue.cancel(run) {
    case .waiting(let trigger): end(trigger, index, request.cancellation, into: &outputs)
    case .current(let run):
      let report = RunFinished(
        run: run.run, model: run.model, version: run.version, failure: request.cancellation, seconds: 0)
      outputs.emit(RunRecord.finished(report), kind: "run", to: .runs, key: run.model, time: run.time)
      startNext(index, into: &outputs)
    case .over: throw Refusal("run_over", "run \(run) of \(request.model) is over: there is nothing to cancel")
    case .unknown: throw Refusal("unknown_run", "\(request.model) has no run \(run) to cancel")
    }
  }
}

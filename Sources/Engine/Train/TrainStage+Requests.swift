import Control
import Events
import Models

extension TrainStage {
  /// Does what a person asks for where it can be done, and says why where not.
  mutating func take(_ request: RunRequest, into outputs: inout Outputs) throws {
    let index = try index(of: request.model)
    guard request.kind != .cancel else { return try cancel(request, index, into: &outputs) }
    guard models[index].lineage.requests.insert(request.id) else {
      throw Refusal("duplicate_request", "request \(request.id) is known already: it is done once")
    }
    let changes: [Registry.Change]
    do throws(Registry.Refusal) {
      changes = try models[index].registry.changes(for: request)
    } catch {
      throw Refusal(error.code, "\(request.kind.rawValue) of \(request.model): \(error.reason)")
    }
    for change in changes {
      models[index].make(change)
      publish(record(of: change, index, request), index, into: &outputs)
    }
  }

  private func record(of change: Registry.Change, _ index: Int, _ request: RunRequest) -> ModelRecord {
    let model = models[index].configuration
    let version = models[index].registry.version(change.version)
    return ModelRecord(
      model: request.model, version: change.version, status: change.status, reason: change.reason, time: request.time,
      who: request.who, request: request.id, parent: version?.parent, family: model.familyName, task: model.task.name,
      artifact: version?.artifact, configuration: configuration.fingerprint, code: configuration.code,
      seed: model.training.seed)
  }
}

extension TrainStage.ModelState {
  /// The next run goes on from the new champion, whose rows end at a time: any number may belong to a later row. What was
  /// learned by a challenger that is rejected is learned by no other.
  fileprivate mutating func make(_ change: Registry.Change) {
    registry.move(change.version, to: change.status)
    if change.status == .champion {
      firstFresh = firstFresh.mapValues { _ in 0 }
      forget()
    } else if change.version == learner, let version = registry.version(change.version) {
      (learner, skipped, contest) = (nil, version.before, nil)
    }
  }
}

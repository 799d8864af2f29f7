import Engine
import Events

extension PlainJoin {
  private func floored(_ time: Milliseconds) -> Milliseconds {
    guard time >= .min + intake.pane else { return .min }
    let remainder = time % intake.pane
    return time - (remainder < 0 ? remainder + intake.pane : remainder)
  }

  private func pane(_ model: String, _ version: Int?, _ time: Milliseconds) -> PlainPane? {
    version.map { PlainPane(version: PlainVersion(model: model, version: $0), start: floored(time)) }
  }

  private var closedUpTo: Milliseconds { tick == .min ? .min : floored(tick - intake.lateness) }

  private mutating func count(_ model: String, _ change: (inout ModelCounts) -> Void) {
    change(&tally[model, default: ModelCounts(model: model)])
  }

  mutating func letGo() {
    let expired = open.enumerated().filter { $0.element.deadline < now }
      .sorted { ($0.element.deadline, $0.offset) < ($1.element.deadline, $1.offset) }.map(\.element.prediction)
    for prediction in expired {
      records.append(
        .expired(
          Expiry(id: prediction.id, model: prediction.model, version: prediction.version, time: prediction.time)))
      count(prediction.model) { $0.expired += 1 }
      if let pane = pane(prediction.model, prediction.version, prediction.time) {
        judged[pane, default: PlainJudged()].expired += 1
      }
    }
    open.removeAll { $0.deadline < now }
    for orphan in early where orphan.deadline < now { count(orphan.label.model) { $0.orphanLabels += 1 } }
    early.removeAll { $0.deadline < now }
    settled.removeAll { $0.deadline < now }
  }

  mutating func moveOn() {
    guard floored(now) > tick else { return }
    tick = floored(now)
    let upTo = min(open.map(\.prediction.time).min() ?? .max, closedUpTo)
    guard upTo > resolved else { return }
    resolved = upTo
    records.append(.resolved(Resolved(upTo: upTo, nextSeq: seq)))
  }

  private func isKnown(_ model: String, _ id: String) -> Bool {
    open.contains { $0.prediction.model == model && $0.prediction.id == id }
      || settled.contains { $0.model == model && $0.id == id }
  }

  private mutating func refuse(_ entry: Ordered, _ code: String) {
    letters.append(Letter(lane: entry.lane, offset: entry.offset, code: code))
  }

  mutating func take(_ prediction: Prediction, _ entry: Ordered) {
    guard !isKnown(prediction.model, prediction.id) else {
      return count(prediction.model) { $0.duplicatePredictions += 1 }
    }
    if let version = prediction.version, let versions,
      !versions.contains(PlainVersion(model: prediction.model, version: version))
    {
      return refuse(entry, "unknown_version")
    }
    guard prediction.time >= closedUpTo else {
      count(prediction.model) { $0.late += 1 }
      return refuse(entry, "late")
    }
    count(prediction.model) { $0.predictions += 1 }
    if prediction.score != nil, let pane = pane(prediction.model, prediction.version, prediction.time) {
      scored[pane, default: 0] += 1
    }
    let deadline = prediction.time + intake.labelHorizon
    var prediction = prediction
    prediction.features += known(prediction)
    let place = early.firstIndex { $0.label.prediction == prediction.id && $0.label.model == prediction.model }
    guard let place else {
      open.append((prediction, deadline))
      return
    }
    let label = early.remove(at: place).label
    if label.time <= deadline {
      settled.append((prediction.model, prediction.id, deadline))
      write(prediction, label)
    } else {
      count(prediction.model) { $0.orphanLabels += 1 }
      open.append((prediction, deadline))
    }
  }

  mutating func take(_ label: Label) {
    let place = open.firstIndex { $0.prediction.id == label.prediction && $0.prediction.model == label.model }
    if let place {
      let (prediction, deadline) = open.remove(at: place)
      settled.append((prediction.model, prediction.id, deadline))
      write(prediction, label)
    } else if early.contains(where: { $0.label.prediction == label.prediction && $0.label.model == label.model })
      || settled.contains(where: { $0.id == label.prediction && $0.model == label.model })
    {
      count(label.model) { $0.duplicateLabels += 1 }
    } else {
      early.append((label, label.time + intake.labelHorizon))
    }
  }

  private mutating func write(_ prediction: Prediction, _ label: Label) {
    count(prediction.model) { $0.examples += 1 }
    records.append(
      .example(
        Example(
          seq: seq, id: prediction.id, model: prediction.model, version: prediction.version, time: prediction.time,
          labelTime: label.time, features: prediction.features, score: prediction.score, label: label.value)))
    seq += 1
    guard prediction.score != nil, let pane = pane(prediction.model, prediction.version, prediction.time) else {
      return
    }
    judged[pane, default: PlainJudged()].rows += 1
    if case .number(let value) = label.value { judged[pane]?.labels += value }
  }

  /// The newest values up to the prediction's time, of those that its event does not bring itself.
  private func known(_ prediction: Prediction) -> [Feature] {
    guard intake.featuresTopic else { return [] }
    let past = updates.filter { $0.entity == prediction.entity && $0.time <= prediction.time }
    let names = Set(past.flatMap { $0.features.map(\.name) }).subtracting(prediction.features.map(\.name))
    return names.sorted().compactMap { name in
      var newest: (time: Milliseconds, feature: Feature)?
      for update in past {
        guard let feature = update.features.first(where: { $0.name == name }) else { continue }
        if newest.map({ $0.time <= update.time }) ?? true { newest = (update.time, feature) }
      }
      guard let newest, prediction.time - newest.time <= intake.featureTimeToLive else { return nil }
      return newest.feature
    }
  }
}

import Events

@testable import Engine

/// What Join promises, written down with plain lists: everything is looked through at every step.
struct PlainJoin {
  enum Event {
    case prediction(Prediction)
    case label(Label)
    case features(FeatureUpdate)
    case end

    var time: Milliseconds {
      switch self {
      case .prediction(let prediction): prediction.time
      case .label(let label): label.time
      case .features(let update): update.time
      case .end: .max
      }
    }
  }

  let intake: IntakeConfiguration
  private(set) var records: [ExampleRecord] = []
  private(set) var late: [String] = []
  private(set) var counts = ModelCounts(model: "m")

  private var open: [(prediction: Prediction, deadline: Milliseconds)] = []
  private var early: [(label: Label, deadline: Milliseconds)] = []
  private var settled: [(id: String, deadline: Milliseconds)] = []
  private var updates: [FeatureUpdate] = []
  private var now = Milliseconds.min
  private var tick = Milliseconds.min
  private var resolved = Milliseconds.min
  private var seq: Int64 = 0

  init(_ intake: IntakeConfiguration) { self.intake = intake }

  /// The events of one partition in the order in which they count: by running maximum of time, then topic, then place;
  /// then the end of time, at `end`.
  static func order(_ lanes: [[Event]], end: Milliseconds) -> [(time: Milliseconds, event: Event)] {
    var all: [(time: Milliseconds, lane: Int, place: Int, event: Event)] = []
    for (lane, events) in lanes.enumerated() {
      var running = Milliseconds.min
      for (place, event) in events.enumerated() {
        running = max(running, event.time)
        all.append((running, lane, place, event))
      }
    }
    all.sort { ($0.time, $0.lane, $0.place) < ($1.time, $1.lane, $1.place) }
    return all.map { ($0.time, $0.event) } + [(end, .end)]
  }

  mutating func run(_ events: [(time: Milliseconds, event: Event)]) {
    for (time, event) in events {
      now = max(now, time)
      letGo()
      moveOn()
      switch event {
      case .prediction(let prediction): take(prediction)
      case .label(let label): take(label)
      case .features(let update): updates.append(update)
      case .end: break
      }
    }
  }

  private func floored(_ time: Milliseconds) -> Milliseconds {
    let remainder = time % intake.pane
    return time - (remainder < 0 ? remainder + intake.pane : remainder)
  }

  private var closedUpTo: Milliseconds { tick == .min ? .min : floored(tick - intake.lateness) }

  private mutating func letGo() {
    let expired = open.enumerated().filter { $0.element.deadline < now }
      .sorted { ($0.element.deadline, $0.offset) < ($1.element.deadline, $1.offset) }.map(\.element.prediction)
    records += expired.map {
      .expired(Expiry(id: $0.id, model: $0.model, version: $0.version, time: $0.time))
    }
    counts.expired += expired.count
    open.removeAll { $0.deadline < now }
    counts.orphanLabels += early.filter { $0.deadline < now }.count
    early.removeAll { $0.deadline < now }
    settled.removeAll { $0.deadline < now }
  }

  private mutating func moveOn() {
    guard floored(now) > tick else { return }
    tick = floored(now)
    let upTo = min(open.map(\.prediction.time).min() ?? .max, closedUpTo)
    guard upTo > resolved else { return }
    resolved = upTo
    records.append(.resolved(Resolved(upTo: upTo, nextSeq: seq)))
  }

  private mutating func take(_ prediction: Prediction) {
    if open.contains(where: { $0.prediction.id == prediction.id })
      || settled.contains(where: { $0.id == prediction.id })
    {
      counts.duplicatePredictions += 1
      return
    }
    guard prediction.time >= closedUpTo else {
      late.append(prediction.id)
      counts.late += 1
      return
    }
    counts.predictions += 1
    let deadline = prediction.time + intake.labelHorizon
    var prediction = prediction
    prediction.features += known(prediction)
    guard let place = early.firstIndex(where: { $0.label.prediction == prediction.id }) else {
      open.append((prediction, deadline))
      return
    }
    let label = early.remove(at: place).label
    if label.time <= deadline {
      settled.append((prediction.id, deadline))
      write(prediction, label)
    } else {
      counts.orphanLabels += 1
      open.append((prediction, deadline))
    }
  }

  private mutating func take(_ label: Label) {
    if let place = open.firstIndex(where: { $0.prediction.id == label.prediction }) {
      let (prediction, deadline) = open.remove(at: place)
      settled.append((prediction.id, deadline))
      write(prediction, label)
    } else if early.contains(where: { $0.label.prediction == label.prediction })
      || settled.contains(where: { $0.id == label.prediction })
    {
      counts.duplicateLabels += 1
    } else {
      early.append((label, label.time + intake.labelHorizon))
    }
  }

  private mutating func write(_ prediction: Prediction, _ label: Label) {
    counts.examples += 1
    records.append(
      .example(
        Example(
          seq: seq, id: prediction.id, model: prediction.model, version: prediction.version, time: prediction.time,
          labelTime: label.time, features: prediction.features, score: prediction.score, label: label.value)))
    seq += 1
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

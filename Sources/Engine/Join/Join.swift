import HeapModule
import Events

/// Matches predictions with their labels within the label horizon, in either order of arrival.
///
/// Pure: it is handed events in the merged order and says what became of each. Whatever may still matter is kept: a
/// prediction until its label or its deadline, a label until its prediction or its deadline, a settled id until no
/// duplicate of it can be told from a new one any more.
struct Join {
  struct Key: Hashable {
    let model: String
    let id: String
  }

  enum State {
    case waiting(Prediction)
    case early(time: Milliseconds, value: LabelValue)
    case settled
  }

  struct Entry {
    var state: State
    let deadline: Milliseconds
    /// Order of entry: makes every choice among equals the same on every replay.
    let order: Int64
  }

  /// An alarm clock for an entry; stale once the entry has another order number.
  struct Timer: Comparable {
    let time: Milliseconds
    let order: Int64
    let key: Key

    static func < (left: Timer, right: Timer) -> Bool {
      (left.time, left.order) < (right.time, right.order)
    }

    static func == (left: Timer, right: Timer) -> Bool {
      left.time == right.time && left.order == right.order
    }
  }

  let horizon: Milliseconds
  let maximumOpen: Int
  var entries: [Key: Entry] = [:]
  var deadlines = Heap<Timer>()
  /// Waiting predictions by their own time: the earliest bounds what is resolved.
  var waiting = Heap<Timer>()
  var nextOrder: Int64 = 0
  /// The number that the next example of this partition gets.
  var nextSeq: Int64 = 0

  init(horizon: Milliseconds, maximumOpen: Int) {
    self.horizon = horizon
    self.maximumOpen = maximumOpen
  }

  enum PredictionOutcome {
    /// Waits for its label; `afterLabel` where one was held that came after the horizon and is let go.
    case accepted(afterLabel: Bool)
    case completed(Example)
  }

  /// Whether a prediction of this id has been taken within the horizon: another one is a duplicate.
  func knows(_ prediction: Prediction) -> Bool {
    switch entries[Key(model: prediction.model, id: prediction.id)]?.state {
    case .waiting, .settled: true
    case .early, nil: false
    }
  }

  /// - Parameter prediction: one that is not known, with its features as of its time.
  mutating func take(_ prediction: Prediction) -> PredictionOutcome {
    let key = Key(model: prediction.model, id: prediction.id)
    let deadline = prediction.time.saturatingAdd(horizon)
    let early = entries[key]?.state
    if case .early(let time, let value) = early, time <= deadline {
      enter(.settled, key: key, deadline: deadline)
      return .completed(example(of: prediction, labelled: value, at: time))
    }
    let order = enter(.waiting(prediction), key: key, deadline: deadline)
    waiting.insert(Timer(time: prediction.time, order: order, key: key))
    return .accepted(afterLabel: early != nil)
  }

  enum LabelOutcome {
    case completed(Example)
    case held
    case duplicate
  }

  mutating func take(_ label: Label) -> LabelOutcome {
    let key = Key(model: label.model, id: label.prediction)
    guard let entry = entries[key] else {
      let deadline = label.time.saturatingAdd(horizon)
      enter(.early(time: label.time, value: label.value), key: key, deadline: deadline)
      return .held
    }
    guard case .waiting(let prediction) = entry.state else { return .duplicate }
    entries[key]?.state = .settled
    return .completed(example(of: prediction, labelled: label.value, at: label.time))
  }

  enum Overdue {
    case expired(Expiry)
    case orphan(model: String)
  }

  /// Lets go of everything whose deadline lies before `now`, oldest deadline first.
  mutating func overdue(at now: Milliseconds) -> [Overdue] {
    var gone: [Overdue] = []
    while let timer = deadlines.min, timer.time < now || entries.count > maximumOpen {
      deadlines.removeMin()
      guard let entry = entries[timer.key], entry.order == timer.order else { continue }
      entries[timer.key] = nil
      switch entry.state {
      case .waiting(let prediction):
        gone.append(
          .expired(
            Expiry(
              id: prediction.id, model: prediction.model, version: prediction.version, time: prediction.time)))
      case .early: gone.append(.orphan(model: timer.key.model))
      case .settled: break
      }
    }
    return gone
  }

  /// The time of the earliest prediction that waits for its label.
  mutating func earliestWaiting() -> Milliseconds? {
    while let timer = waiting.min {
      if let entry = entries[timer.key], entry.order == timer.order, case .waiting = entry.state { return timer.time }
      waiting.removeMin()
    }
    return nil
  }

  @discardableResult
  private mutating func enter(_ state: State, key: Key, deadline: Milliseconds) -> Int64 {
    defer { nextOrder += 1 }
    entries[key] = Entry(state: state, deadline: deadline, order: nextOrder)
    deadlines.insert(Timer(time: deadline, order: nextOrder, key: key))
    return nextOrder
  }

  private mutating func example(
    of prediction: Prediction, labelled value: LabelValue, at labelTime: Milliseconds
  ) -> Example {
    defer { nextSeq += 1 }
    return Example(
      seq: nextSeq, id: prediction.id, model: prediction.model, version: prediction.version, time: prediction.time,
      labelTime: labelTime, features: prediction.features, score: prediction.score, label: value,
      segments: prediction.segments)
  }
}

extension Milliseconds {
  func saturatingAdd(_ span: Milliseconds) -> Milliseconds {
    let (sum, overflow) = addingReportingOverflow(span)
    return overflow ? (span > 0 ? .max : .min) : sum
  }
}

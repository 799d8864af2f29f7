import Bytes
import Events

/// Matches predictions with their labels within the label horizon, in either order of arrival.
///
/// Pure: it is handed events in the merged order and says what became of each. Whatever may still matter is kept: a
/// prediction until its label or its deadline, a label until its prediction or its deadline, a settled id until no
/// duplicate of it can be told from a new one any more.
struct Join {
  struct Key: Equatable {
    /// The model's number.
    let model: Int
    let id: String
    /// Differs from process to process; nothing that is written depends on it.
    let hash: UInt32

    init(model: Int, id: String) {
      self.model = model
      self.id = id
      var hasher = Hasher()
      hasher.combine(id)
      hasher.combine(model)
      hash = UInt32(truncatingIfNeeded: hasher.finalize())
    }
  }

  /// A prediction without its label. The event stays in its bytes, a copy: a slice would hold on to all that was read
  /// with it.
  struct Waiting {
    let value: [UInt8]
    /// 0 for none.
    let version: Int
    let time: Milliseconds
  }

  enum State {
    case waiting(Waiting)
    case early(time: Milliseconds, value: LabelValue)
    case settled
  }

  struct Entry {
    let key: Key
    var state: State
    let deadline: Milliseconds
    /// Order of entry: makes every choice among equals the same on every replay. Timers with another are stale.
    let order: Int64
  }

  let horizon: Milliseconds
  let maximumOpen: Int
  /// Where each id's entry is.
  private var places = IdTable()
  /// Entries at their places; nil where none is.
  var entries: [Entry?] = []
  private var free: [Int] = []
  private var deadlines = TimerQueue()
  /// Waiting predictions by their own time: the earliest bounds what is resolved.
  private var waiting = TimerQueue()
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
    case completed(Completed)
  }

  /// A prediction and its label.
  struct Completed {
    let seq: Int64
    let model: Int
    let value: ByteSlice
    let label: LabelValue
    let labelTime: Milliseconds
  }

  /// Where the entry of an id is.
  @inline(__always)
  func find(_ key: Key) -> Int? {
    places.find(key.hash) { entries[$0]?.key == key }
  }

  /// Whether a prediction of the id that has this entry has been taken within the horizon: another one is a duplicate.
  func knows(_ place: Int?) -> Bool {
    guard let place else { return false }
    switch entries[place]?.state {
    case .waiting, .settled: return true
    case .early, nil: return false
    }
  }

  /// - Parameters:
  ///   - key: that of a prediction that is not known, and `place` its entry, where it has one.
  ///   - value: the event, with its features as of its time.
  mutating func take(
    _ key: Key, at place: Int?, time: Milliseconds, version: Int, value: ByteSlice
  ) -> PredictionOutcome {
    let deadline = time.saturatingAdd(horizon)
    let early = place.flatMap { entries[$0]?.state }
    if case .early(let labelTime, let label) = early, labelTime <= deadline {
      enter(.settled, key: key, deadline: deadline, at: place)
      return .completed(complete(key.model, value, label, at: labelTime))
    }
    let waiting = Waiting(value: Array(value), version: version, time: time)
    enter(.waiting(waiting), key: key, deadline: deadline, at: place)
    return .accepted(afterLabel: early != nil)
  }

  enum LabelOutcome {
    case completed(Completed)
    case held
    case duplicate
  }

  mutating func take(_ label: Label, model: Int) -> LabelOutcome {
    let key = Key(model: model, id: label.prediction)
    guard let place = find(key), let entry = entries[place] else {
      let deadline = label.time.saturatingAdd(horizon)
      enter(.early(time: label.time, value: label.value), key: key, deadline: deadline, at: nil)
      return .held
    }
    guard case .waiting(let prediction) = entry.state else { return .duplicate }
    entries[place]?.state = .settled
    return .completed(complete(model, prediction.value[...], label.value, at: label.time))
  }

  enum Overdue {
    case expired(Key, Waiting)
    case orphan(model: Int)
  }

  /// Lets go of everything whose deadline lies before `now`, oldest deadline first.
  mutating func overdue(at now: Milliseconds) -> [Overdue] {
    var gone: [Overdue] = []
    while let timer = deadlines.min, timer.time < now || places.count > maximumOpen {
      deadlines.removeMin()
      guard let entry = entries[Int(timer.place)], entry.order == timer.order else { continue }
      places.remove(entry.key.hash, place: Int(timer.place))
      entries[Int(timer.place)] = nil
      free.append(Int(timer.place))
      switch entry.state {
      case .waiting(let prediction): gone.append(.expired(entry.key, prediction))
      case .early: gone.append(.orphan(model: entry.key.model))
      case .settled: break
      }
    }
    return gone
  }

  /// The time of the earliest prediction that waits for its label.
  mutating func earliestWaiting() -> Milliseconds? {
    while let timer = waiting.min {
      if let entry = entries[Int(timer.place)], entry.order == timer.order, case .waiting = entry.state {
        return timer.time
      }
      waiting.removeMin()
    }
    return nil
  }

  private mutating func enter(_ state: State, key: Key, deadline: Milliseconds, at place: Int?) {
    enter(Entry(key: key, state: state, deadline: deadline, order: nextOrder), at: place)
    nextOrder += 1
  }

  /// Takes the place of the entry with the same key, or one of its own where there is none.
  mutating func enter(_ entry: Entry, at same: Int?) {
    let place = same ?? free.popLast() ?? entries.count
    if place == entries.count { entries.append(nil) }
    if same == nil { places.insert(entry.key.hash, place: place) }
    entries[place] = entry
    deadlines.insert(TimerQueue.Timer(time: entry.deadline, order: entry.order, place: Int32(place)))
    if case .waiting(let prediction) = entry.state {
      waiting.insert(TimerQueue.Timer(time: prediction.time, order: entry.order, place: Int32(place)))
    }
  }

  /// Forgets everything.
  mutating func clear() {
    (places, entries, free) = (IdTable(), [], [])
    (deadlines, waiting) = (TimerQueue(), TimerQueue())
  }

  private mutating func complete(
    _ model: Int, _ value: ByteSlice, _ label: LabelValue, at labelTime: Milliseconds
  ) -> Completed {
    defer { nextSeq += 1 }
    return Completed(seq: nextSeq, model: model, value: value, label: label, labelTime: labelTime)
  }
}

extension Milliseconds {
  func saturatingAdd(_ span: Milliseconds) -> Milliseconds {
    let (sum, overflow) = addingReportingOverflow(span)
    return overflow ? (span > 0 ? .max : .min) : sum
  }
}

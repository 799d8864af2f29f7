import Bytes
import Events

/// Matches predictions with their labels within the label horizon, in either order of arrival.
///
/// Pure: it is handed events in the merged order and says what became of each. Whatever may still matter is kept: a
/// prediction until its label or its deadline, a label until its prediction or its deadline, a settled id until no
/// duplicate of it can be told from a new one any more.
struct Join {
  /// What an id is looked up by, beside its bytes.
  struct Key {
    /// The model's number.
    var model: Int { Int(number) }
    private let number: Int32
    /// Differs from process to process; nothing that is written depends on it.
    let hash: UInt32

    /// - Parameter id: in UTF-8.
    init(model: Int, id: ByteSlice) {
      number = Int32(truncatingIfNeeded: model)
      var hasher = Hasher()
      id.withUnsafeBytes { hasher.combine(bytes: $0) }
      hasher.combine(model)
      hash = UInt32(truncatingIfNeeded: hasher.finalize())
    }
  }

  /// What is kept of a prediction until its label comes.
  enum Kept {
    /// The event, of which an example will be made.
    case event([UInt8])
    /// The score alone, where nobody wants examples.
    case number(Double)
    indirect case score(Score?)
  }

  enum State {
    /// Without its label.
    case waiting(time: Milliseconds, version: Int, Kept)
    case early(time: Milliseconds, value: LabelValue)
    case settled
    /// The place is free.
    case gone
  }

  struct Entry {
    let key: Key
    let id: IdBytes.Place
    var state: State
    let deadline: Milliseconds
    /// Order of entry: makes every choice among equals the same on every replay. Timers with another are stale.
    let order: Int64
  }

  let horizon: Milliseconds
  let maximumOpen: Int
  /// Where each id's entry is.
  private var places = IdTable()
  private(set) var entries = Blocks<Entry>()
  private(set) var ids = IdBytes()
  private var free: [Int] = []
  /// Of no meaning: that it is kept makes sure that `prepare` reads what it is to read.
  private var seen: UInt64 = 0
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
    let id: String
    let model: Int
    let version: Int
    let time: Milliseconds
    let kept: Kept
    let label: LabelValue
    let labelTime: Milliseconds
  }

  /// Where the entry of an id is.
  @inline(__always)
  func find(_ key: Key, _ id: @autoclosure () -> ByteSlice) -> Int? {
    places.find(key.hash) { entries[$0].key.model == key.model && ids[entries[$0].id].elementsEqual(id()) }
  }

  /// Has what the next `find` of each will look at brought near.
  mutating func prepare(_ predictions: UnsafeBufferPointer<OpenPrediction>) {
    var seen: UInt64 = 0
    for prediction in predictions { seen ^= places.firstSlot(prediction.key.hash) }
    self.seen = seen
  }

  /// Whether a prediction of the id that has this entry has been taken within the horizon: another one is a duplicate.
  func knows(_ place: Int?) -> Bool {
    guard let place else { return false }
    switch entries[place].state {
    case .waiting, .settled: return true
    case .early, .gone: return false
    }
  }

  /// - Parameters:
  ///   - place: the entry of the prediction's id, which is not known, where it has one.
  ///   - id: in UTF-8.
  @inline(__always)
  mutating func take(
    _ prediction: OpenPrediction, at place: Int?, id: UnsafeBufferPointer<UInt8>, _ kept: Kept
  ) -> PredictionOutcome {
    let deadline = prediction.time.saturatingAdd(horizon)
    if let place, case .early(let labelTime, let label) = entries[place].state, labelTime <= deadline {
      enter(.settled, prediction.key, entries[place].id, deadline: deadline, at: place)
      return .completed(
        Completed(
          id: String(decoding: id, as: UTF8.self), model: prediction.key.model, version: prediction.version,
          time: prediction.time, kept: kept, label: label, labelTime: labelTime))
    }
    enter(
      .waiting(time: prediction.time, version: prediction.version, kept), prediction.key,
      place.map { entries[$0].id } ?? ids.append(id), deadline: deadline, at: place)
    return .accepted(afterLabel: place != nil)
  }

  enum LabelOutcome {
    case completed(Completed)
    case held
    case duplicate
  }

  mutating func take(_ label: Label, model: Int) -> LabelOutcome {
    let id = Array(label.prediction.utf8)
    let key = Key(model: model, id: id[...])
    guard let place = find(key, id[...]) else {
      let deadline = label.time.saturatingAdd(horizon)
      enter(.early(time: label.time, value: label.value), key, add(id), deadline: deadline, at: nil)
      return .held
    }
    guard case .waiting(let time, let version, let kept) = entries[place].state else { return .duplicate }
    entries[place].state = .settled
    return .completed(
      Completed(
        id: label.prediction, model: model, version: version, time: time, kept: kept, label: label.value,
        labelTime: label.time))
  }

  mutating func add(_ id: [UInt8]) -> IdBytes.Place { id.withUnsafeBufferPointer { ids.append($0) } }

  enum Overdue {
    case expired(id: String, model: Int, version: Int, time: Milliseconds)
    case orphan(model: Int)
  }

  /// Lets go of the next entry whose deadline lies before `now`, oldest deadline first; nil where none is left.
  @inline(__always)
  mutating func nextOverdue(at now: Milliseconds) -> Overdue? {
    while let timer = deadlines.min, timer.time < now || places.count > maximumOpen {
      deadlines.removeMin()
      if let gone = release(timer) { return gone }
    }
    return nil
  }

  private mutating func release(_ timer: TimerQueue.Timer) -> Overdue? {
    let place = Int(timer.place)
    let entry = entries[place]
    guard isOpen(timer) else { return nil }
    places.remove(entry.key.hash, place: place)
    entries[place].state = .gone
    free.append(place)
    defer { ids.remove(entry.id) }
    switch entry.state {
    case .waiting(let time, let version, _):
      let id = String(decoding: ids[entry.id], as: UTF8.self)
      return .expired(id: id, model: entry.key.model, version: version, time: time)
    case .early: return .orphan(model: entry.key.model)
    case .settled, .gone: return nil
    }
  }

  /// Whether the timer is that of the entry which has its place now.
  private func isOpen(_ timer: TimerQueue.Timer) -> Bool {
    guard entries[Int(timer.place)].order == timer.order else { return false }
    if case .gone = entries[Int(timer.place)].state { return false }
    return true
  }

  /// The time of the earliest prediction that waits for its label.
  mutating func earliestWaiting() -> Milliseconds? {
    while let timer = waiting.min {
      if isOpen(timer), case .waiting = entries[Int(timer.place)].state { return timer.time }
      waiting.removeMin()
    }
    return nil
  }

  @inline(__always)
  private mutating func enter(
    _ state: consuming State, _ key: Key, _ id: IdBytes.Place, deadline: Milliseconds, at same: Int?
  ) {
    enter(Entry(key: key, id: id, state: state, deadline: deadline, order: nextOrder), at: same)
    nextOrder += 1
  }

  /// Takes the place of the entry with the same id, or one of its own where there is none.
  @inline(__always)
  mutating func enter(_ entry: consuming Entry, at same: Int?) {
    let place = same ?? free.popLast() ?? entries.count
    if same == nil { places.insert(entry.key.hash, place: place) }
    deadlines.insert(TimerQueue.Timer(time: entry.deadline, order: entry.order, place: Int32(place)))
    if case .waiting(let time, _, _) = entry.state {
      waiting.insert(TimerQueue.Timer(time: time, order: entry.order, place: Int32(place)))
    }
    if place == entries.count { entries.append(entry) } else { entries[place] = entry }
  }

  /// Forgets everything.
  mutating func clear() {
    (places, entries, ids, free) = (IdTable(), Blocks(), IdBytes(), [])
    (deadlines, waiting) = (TimerQueue(), TimerQueue())
  }
}

extension Join.Completed {
  /// Empty where the event was not kept.
  var event: ByteSlice { if case .event(let bytes) = kept { bytes[...] } else { [] } }
}

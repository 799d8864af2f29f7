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
    let model: Int
    /// Differs from process to process; nothing that is written depends on it.
    let hash: UInt32

    /// - Parameter id: in UTF-8.
    init(model: Int, id: ByteSlice) {
      self.model = model
      var hasher = Hasher()
      id.withUnsafeBytes { hasher.combine(bytes: $0) }
      hasher.combine(model)
      hash = UInt32(truncatingIfNeeded: hasher.finalize())
    }
  }

  enum State {
    /// Without its label. `size` bytes are the event.
    case waiting(time: Milliseconds, version: Int, size: Int)
    case early(time: Milliseconds, value: LabelValue)
    case settled
    /// The place is free.
    case gone
  }

  struct Entry {
    let key: Key
    /// The event of a prediction that waits, then the id.
    var bytes: [UInt8]
    var state: State
    let deadline: Milliseconds
    /// Order of entry: makes every choice among equals the same on every replay. Timers with another are stale.
    let order: Int64

    /// What of the bytes is the event.
    var event: ByteSlice {
      if case .waiting(_, _, let size) = state { bytes[..<size] } else { [] }
    }
    var id: ByteSlice { bytes[event.endIndex...] }
  }

  let horizon: Milliseconds
  let maximumOpen: Int
  /// Where each id's entry is.
  private var places = IdTable()
  private(set) var entries: [Entry] = []
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
    let model: Int
    let value: ByteSlice
    let label: LabelValue
    let labelTime: Milliseconds
  }

  /// Where the entry of an id is.
  @inline(__always)
  func find(_ key: Key, _ id: @autoclosure () -> ByteSlice) -> Int? {
    places.find(key.hash) { entries[$0].key.model == key.model && entries[$0].id.elementsEqual(id()) }
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
  ///   - key: that of a prediction that is not known, and `place` its entry, where it has one.
  ///   - bytes: the event, with its features as of its time, in the first `size`; behind it the id.
  mutating func take(
    _ key: Key, at place: Int?, time: Milliseconds, version: Int, bytes: UnsafeBufferPointer<UInt8>, size: Int
  ) -> PredictionOutcome {
    let deadline = time.saturatingAdd(horizon)
    if let place, case .early(let labelTime, let label) = entries[place].state, labelTime <= deadline {
      enter(.settled, key, Array(bytes[size...]), deadline: deadline, at: place)
      return .completed(
        Completed(model: key.model, value: Array(bytes[..<size])[...], label: label, labelTime: labelTime))
    }
    enter(.waiting(time: time, version: version, size: size), key, Array(bytes), deadline: deadline, at: place)
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
      enter(.early(time: label.time, value: label.value), key, id, deadline: deadline, at: nil)
      return .held
    }
    guard case .waiting(_, _, let size) = entries[place].state else { return .duplicate }
    let event = entries[place].bytes[..<size]
    entries[place].bytes = id
    entries[place].state = .settled
    return .completed(Completed(model: model, value: event, label: label.value, labelTime: label.time))
  }

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
    (entries[place].bytes, entries[place].state) = ([], .gone)
    free.append(place)
    switch entry.state {
    case .waiting(let time, let version, _):
      let id = String(decoding: entry.id, as: UTF8.self)
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
    _ state: State, _ key: Key, _ bytes: consuming [UInt8], deadline: Milliseconds, at same: Int?
  ) {
    enter(Entry(key: key, bytes: bytes, state: state, deadline: deadline, order: nextOrder), at: same)
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
    (places, entries, free) = (IdTable(), [], [])
    (deadlines, waiting) = (TimerQueue(), TimerQueue())
  }
}

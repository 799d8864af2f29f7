import Events

/// Puts the records of same-numbered partitions of several topics into one order that depends on their content alone:
/// by running maximum of event time, then topic, then offset.
///
/// A record is taken when every other topic has passed its time. A topic passes a time by a record that is later or,
/// when it is silent, by a watermark that says so: the watermark stands in the order too, before all records of its time.
struct PartitionMerge<Element> {
  struct Entry {
    let time: Milliseconds
    let offset: Int64
    let element: Element
  }

  /// What a mark says of one lane: from `start` on no record stands before `time`.
  private struct Promise {
    let start: Int64
    let time: Milliseconds
    /// The mark's.
    let offset: Int64
  }

  private struct Lane {
    var queue = Fifo<Entry>()
    /// Running maximum of event time over everything read.
    var maximum = Milliseconds.min
    /// The latest time of any record, whatever was promised.
    var newest = Milliseconds.min
    /// Where the log is read on.
    var read: Int64 = 0
    /// Those that speak of a place further on, in order of it.
    var promises = Fifo<Promise>()
    /// The latest time of the others.
    var promised = Milliseconds.min

    /// No record that is still to be read has an earlier time in the order.
    var frontier: Milliseconds { max(maximum, promised) }
    /// The first offset that has not been taken.
    var position: Int64 { queue.first?.offset ?? read }

    mutating func push(_ element: Element, time: Milliseconds?, offset: Int64) {
      keepPromises(upTo: offset)
      maximum = max(maximum, promised, time ?? .min)
      newest = max(newest, time ?? .min)
      queue.append(Entry(time: maximum, offset: offset, element: element))
      advance(to: offset + 1)
    }

    mutating func advance(to offset: Int64) {
      read = max(read, offset)
      keepPromises(upTo: read)
    }

    private mutating func keepPromises(upTo offset: Int64) {
      while let promise = promises.first, promise.start <= offset {
        promised = max(promised, promise.time)
        promises.removeFirst()
      }
    }

    mutating func add(_ promise: Promise) {
      var place = promises.count
      while place > 0, promises[place - 1].start > promise.start { place -= 1 }
      promises.insert(promise, at: place)
      keepPromises(upTo: read)
    }

    /// Forgets a mark that speaks of a place further on: everything behind it stands later in the order anyway.
    mutating func drop(_ mark: Mark, start: Int64) {
      guard start > read, let place = (0..<promises.count).first(where: { promises[$0].offset == mark.offset }) else {
        return
      }
      promises.remove(at: place)
    }
  }

  /// A promise by the owner of the partition, at its place in each lane.
  private struct Mark {
    let time: Milliseconds
    let offset: Int64
    let starts: [Int64]
  }

  enum Taken {
    case record(lane: Int, Entry)
    case watermark(offset: Int64, time: Milliseconds)
  }

  private var lanes: [Lane]
  private var marks = Fifo<Mark>()
  private var watermarkRead: Int64 = 0
  /// The time up to which everything has been taken: never goes back.
  private(set) var now = Milliseconds.min

  init(lanes count: Int) {
    lanes = Array(repeating: Lane(), count: count)
  }

  /// Where reading starts, after a restart or at the very beginning.
  ///
  /// Whatever had not been taken stands at `now` or later in the order, so `now` serves as the running maximum of
  /// every lane: the order goes on as if nothing had happened.
  mutating func start(at positions: [Int64], watermarks: Int64, now: Milliseconds) {
    for index in lanes.indices {
      lanes[index] = Lane()
      lanes[index].read = positions[index]
      lanes[index].maximum = now
      lanes[index].newest = now
    }
    marks = Fifo()
    watermarkRead = watermarks
    self.now = now
  }

  var positions: [Int64] { lanes.map(\.position) }
  /// Where the log is read on, lane by lane.
  var reads: [Int64] { lanes.map(\.read) }
  var watermarkPosition: Int64 { marks.first?.offset ?? watermarkRead }

  func newest(in lane: Int) -> Milliseconds { lanes[lane].newest }

  func queued(in lane: Int) -> Int { lanes[lane].queue.count }

  /// - Parameter time: the record's event time; `nil` for one that could not be read, which stands where it is.
  @inline(__always)
  mutating func push(_ element: Element, time: Milliseconds?, offset: Int64, lane: Int) {
    lanes[lane].push(element, time: time, offset: offset)
  }

  /// Everything below `offset` of the lane has been pushed.
  mutating func advance(lane: Int, to offset: Int64) { lanes[lane].advance(to: offset) }

  /// - Parameter starts: by lane, the offset from which on no record stands before `time`; `.max` for none.
  mutating func push(watermark time: Milliseconds, starts: [Int64], offset: Int64) {
    marks.append(Mark(time: time, offset: offset, starts: starts))
    for lane in lanes.indices where starts[lane] < .max {
      lanes[lane].add(Promise(start: starts[lane], time: time, offset: offset))
    }
    watermarkRead = max(watermarkRead, offset + 1)
  }

  mutating func advanceWatermarks(to offset: Int64) {
    watermarkRead = max(watermarkRead, offset)
  }

  /// No record of the lane that is still to be read has an earlier time in the order.
  func frontier(of lane: Int) -> Milliseconds { lanes[lane].frontier }

  /// The next element in the order, if it is certain.
  @inline(__always)
  mutating func take() -> Taken? {
    var best: (time: Milliseconds, lane: Int)?
    if let mark = marks.first { best = (mark.time, -1) }
    for index in lanes.indices {
      guard let time = lanes[index].queue.first?.time else { continue }
      if let current = best, current.time <= time { continue }
      best = (time, index)
    }
    guard let best else { return nil }
    for index in lanes.indices where lanes[index].queue.isEmpty && index != best.lane {
      guard (best.time, best.lane) < (lanes[index].frontier, index) else { return nil }
    }
    now = max(now, best.time)
    guard best.lane >= 0, let entry = lanes[best.lane].queue.first else { return takeMark() }
    lanes[best.lane].queue.removeFirst()
    return .record(lane: best.lane, entry)
  }

  private mutating func takeMark() -> Taken? {
    guard let mark = marks.first else { return nil }
    marks.removeFirst()
    for index in lanes.indices { lanes[index].drop(mark, start: mark.starts[index]) }
    return .watermark(offset: mark.offset, time: mark.time)
  }
}

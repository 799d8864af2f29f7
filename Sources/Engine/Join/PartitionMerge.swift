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

  private struct Lane {
    var queue: [Entry] = []
    var head = 0
    /// Running maximum of event time over everything read.
    var maximum = Milliseconds.min
    /// The latest time of any record, whatever was promised.
    var newest = Milliseconds.min
    /// Where the log is read on.
    var read: Int64 = 0

    var isEmpty: Bool { head == queue.count }
    /// Of the first entry. The entry itself is not touched: copying one costs more than looking for the next.
    var firstTime: Milliseconds? { isEmpty ? nil : queue[head].time }
    /// The first offset that has not been taken.
    var position: Int64 { isEmpty ? read : queue[head].offset }

    mutating func removeFirst() -> Entry {
      defer {
        head += 1
        if head == queue.count {
          queue.removeAll(keepingCapacity: true)
          head = 0
        } else if head >= 4096 {
          queue.removeFirst(head)
          head = 0
        }
      }
      return queue[head]
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
  private var marks: [Mark] = []
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
    marks = []
    watermarkRead = watermarks
    self.now = now
  }

  var positions: [Int64] { lanes.map(\.position) }
  /// Where the log is read on, lane by lane.
  var reads: [Int64] { lanes.map(\.read) }
  var watermarkPosition: Int64 { marks.first?.offset ?? watermarkRead }

  func newest(in lane: Int) -> Milliseconds { lanes[lane].newest }

  func queued(in lane: Int) -> Int { lanes[lane].queue.count - lanes[lane].head }

  /// - Parameter time: the record's event time; `nil` for one that could not be read, which stands where it is.
  mutating func push(_ element: Element, time: Milliseconds?, offset: Int64, lane: Int) {
    applyMarks(upTo: offset, lane: lane)
    if let time {
      lanes[lane].maximum = max(lanes[lane].maximum, time)
      lanes[lane].newest = max(lanes[lane].newest, time)
    }
    lanes[lane].queue.append(Entry(time: lanes[lane].maximum, offset: offset, element: element))
    lanes[lane].read = max(lanes[lane].read, offset + 1)
  }

  /// Everything below `offset` of the lane has been pushed.
  mutating func advance(lane: Int, to offset: Int64) {
    lanes[lane].read = max(lanes[lane].read, offset)
  }

  mutating func push(watermark time: Milliseconds, starts: [Int64], offset: Int64) {
    marks.append(Mark(time: time, offset: offset, starts: starts))
    watermarkRead = max(watermarkRead, offset + 1)
  }

  mutating func advanceWatermarks(to offset: Int64) {
    watermarkRead = max(watermarkRead, offset)
  }

  private mutating func applyMarks(upTo offset: Int64, lane: Int) {
    for mark in marks where mark.starts[lane] <= offset {
      lanes[lane].maximum = max(lanes[lane].maximum, mark.time)
    }
  }

  /// No record of the lane that is still to be read has an earlier time in the order.
  func frontier(of lane: Int) -> Milliseconds {
    var frontier = lanes[lane].maximum
    for mark in marks where mark.starts[lane] <= lanes[lane].read { frontier = max(frontier, mark.time) }
    return frontier
  }

  /// The next element in the order, if it is certain.
  mutating func take() -> Taken? {
    var best: (time: Milliseconds, lane: Int)?
    if let mark = marks.first { best = (mark.time, -1) }
    for index in lanes.indices {
      guard let time = lanes[index].firstTime else { continue }
      if let current = best, (current.time, current.lane) <= (time, index) { continue }
      best = (time, index)
    }
    guard let best else { return nil }
    for index in lanes.indices where lanes[index].isEmpty && index != best.lane {
      let frontier = frontier(of: index)
      guard (best.time, best.lane) < (frontier, index) else { return nil }
    }
    now = max(now, best.time)
    return best.lane < 0
      ? .watermark(offset: takeMark(), time: best.time) : .record(lane: best.lane, removeHead(best.lane))
  }

  private mutating func removeHead(_ lane: Int) -> Entry {
    lanes[lane].removeFirst()
  }

  private mutating func takeMark() -> Int64 {
    let mark = marks.removeFirst()
    for index in lanes.indices where lanes[index].read >= mark.starts[index] {
      lanes[index].maximum = max(lanes[index].maximum, mark.time)
    }
    return mark.offset
  }
}

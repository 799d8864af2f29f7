import HeapModule

/// Alarm clocks in order of time, then of entry. Most are set in the order in which they go off: those wait in line, at
/// no cost for comparing; the others in a heap.
struct TimerQueue {
  struct Timer: Comparable {
    let time: Int64
    /// Larger for a timer that was set later.
    let order: Int64
    /// What it is for.
    let place: Int32

    static func < (left: Timer, right: Timer) -> Bool {
      left.time < right.time || (left.time == right.time && left.order < right.order)
    }
  }

  private var line = Blocks<Timer>()
  private var others = Heap<Timer>()

  mutating func insert(_ timer: Timer) {
    if let last = line.last, timer < last { others.insert(timer) } else { line.append(timer) }
  }

  var min: Timer? {
    guard let first = line.first else { return others.min }
    guard let other = others.min, other < first else { return first }
    return other
  }

  mutating func removeMin() {
    if let first = line.first, others.min.map({ first < $0 }) ?? true {
      line.removeFirst()
    } else if !others.isEmpty {
      others.removeMin()
    }
  }
}

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

  private var line: [Timer] = []
  private var head = 0
  private var others = Heap<Timer>()

  mutating func insert(_ timer: Timer) {
    if let last = line.last, head < line.count, timer < last { others.insert(timer) } else { line.append(timer) }
  }

  var min: Timer? {
    guard head < line.count else { return others.min }
    guard let other = others.min, other < line[head] else { return line[head] }
    return other
  }

  mutating func removeMin() {
    if head < line.count, others.min.map({ line[head] < $0 }) ?? true {
      head += 1
      if head == line.count {
        line.removeAll(keepingCapacity: true)
        head = 0
      } else if head >= 4_096, head > line.count / 2 {
        line.removeFirst(head)
        head = 0
      }
    } else if !others.isEmpty {
      others.removeMin()
    }
  }
}

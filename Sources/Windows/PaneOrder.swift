/// Which panes a window holds, and which leave: the part that windows of all kinds have in common.
struct PaneOrder: Hashable, Sendable {
  struct Slot: Hashable, Sendable {
    let start: Int64
    var rows: Int
  }

  /// Where a pane belongs.
  enum Place: Equatable {
    /// Before everything that the window still covers.
    case late
    /// A pane of this start is there already.
    case existing(Int)
    case new(Int)
  }

  let span: WindowSpan
  /// Oldest first, starts strictly increasing.
  private(set) var slots: [Slot] = []
  private(set) var rows = 0
  /// The time reached; panes start before it.
  private(set) var end = Int64.min

  init(span: WindowSpan) {
    switch span {
    case .time(let length): self.span = .time(max(length, 1))
    case .rows(let most): self.span = .rows(max(most, 1))
    }
  }

  func place(of start: Int64) -> Place {
    // Nearly every pane is the newest or comes after it.
    var position = slots.count
    while position > 0, slots[position - 1].start > start { position -= 1 }
    if position > 0, slots[position - 1].start == start { return .existing(position - 1) }
    switch span {
    case .time: return start < oldestTime ? .late : .new(position)
    case .rows(let most): return rowsAfter(position) >= most ? .late : .new(position)
    }
  }

  mutating func insert(start: Int64, rows: Int, at position: Int) {
    slots.insert(Slot(start: start, rows: rows), at: position)
    self.rows += rows
  }

  mutating func add(rows: Int, at position: Int) {
    slots[position].rows += rows
    self.rows += rows
  }

  /// Without letting go of any pane: a span that has become shorter since tells on the next one.
  mutating func reached(_ end: Int64) { self.end = end }

  /// Lets go of the panes that the new end leaves behind.
  /// - Returns: how many.
  mutating func advance(to end: Int64) -> Int {
    self.end = max(self.end, end)
    var leaving = 0
    switch span {
    case .time: leaving = slots.prefix { $0.start < oldestTime }.count
    case .rows(let most):
      var left = rows
      while leaving < slots.count - 1, left - slots[leaving].rows >= most {
        left -= slots[leaving].rows
        leaving += 1
      }
    }
    for slot in slots[..<leaving] { rows -= slot.rows }
    slots.removeFirst(leaving)
    return leaving
  }

  private var oldestTime: Int64 {
    guard case .time(let length) = span else { return .min }
    let (oldest, overflow) = end.subtractingReportingOverflow(length)
    return overflow ? .min : oldest
  }

  private func rowsAfter(_ position: Int) -> Int { slots[position...].reduce(0) { $0 + $1.rows } }
}

import Backtest
import Events

/// The rows of a file as the events that a serving system would have made of them.
struct TableRecording: EventRecording {
  private let table: DemoTable
  private let model: String
  private let labelDelay: Int
  /// Rows whose labels have a time of their own, earliest first.
  private let labelled: [Int]

  /// - Parameter labelDelay: rows after which a label becomes known that has no time of its own.
  init(_ table: DemoTable, model: String, labelDelay: Int) {
    self.table = table
    self.model = model
    self.labelDelay = labelDelay
    labelled = table.rows.indices.filter { table.rows[$0].labelTime != nil }
      .sorted { (table.rows[$0].labelTime ?? 0, $0) < (table.rows[$1].labelTime ?? 0, $1) }
  }

  var rows: Int { table.rows.count }

  func read(_ take: (TimedEvent) throws -> Void) throws {
    var next = 0
    func labels(knownBy time: Milliseconds) throws {
      while next < labelled.count, let known = table.rows[labelled[next]].labelTime, known <= time {
        try hand(labelOf: labelled[next], at: max(known, table.rows[0].time), take)
        next += 1
      }
    }
    for (index, row) in table.rows.enumerated() {
      // What became known before this row does not wait for it.
      try labels(knownBy: row.time - 1)
      try take(
        TimedEvent(
          time: row.time,
          event: .prediction(
            Prediction(
              id: DemoTable.id(of: index), model: model, time: row.time, features: row.features, segments: row.segments)
          )))
      if index >= labelDelay, table.rows[index - labelDelay].labelTime == nil {
        try hand(labelOf: index - labelDelay, at: row.time, take)
      }
      try labels(knownBy: row.time)
    }
    var time = table.rows[rows - 1].time
    for index in max(rows - labelDelay, 0)..<rows where table.rows[index].labelTime == nil {
      time += table.step
      try labels(knownBy: time)
      try hand(labelOf: index, at: time, take)
    }
    try labels(knownBy: .max)
  }

  private func hand(labelOf row: Int, at time: Milliseconds, _ take: (TimedEvent) throws -> Void) throws {
    guard let value = table.rows[row].label else { return }
    let label = Label(prediction: DemoTable.id(of: row), model: model, time: time, value: value)
    try take(TimedEvent(time: time, event: .label(label)))
  }
}

extension DemoTable {
  /// Event time between two rows, on average; at least 1 ms.
  var step: Milliseconds {
    let span = rows[rows.count - 1].time - rows[0].time
    return max(1, span / Milliseconds(max(rows.count - 1, 1)))
  }

  /// The longest time between a row and its label, whichever comes first, where labels without a time of their own come so
  /// many rows later.
  func longestDelay(_ labelDelay: Int) -> Milliseconds {
    let last = rows.count - 1
    let tail = step * Milliseconds(labelDelay)
    return rows.indices.reduce(0) { longest, index in
      let known = rows[index].labelTime ?? rows[min(index + labelDelay, last)].time + tail
      return max(longest, abs(known - rows[index].time))
    }
  }
}

import Engine
import Events

/// Rows that wait for their labels: no longer than a label may take, and no more than may wait at once, as with the live
/// engine. What goes before its label came goes oldest first.
struct OpenRows<Value> {
  private struct Waiting {
    let id: String
    let row: Int
    let expires: Milliseconds
  }

  /// Rows that are settled before they make the queue shorter.
  private static var slack: Int { 10_000 }

  private let most: Int
  private var rows: [String: (row: Int, value: Value)] = [:]
  /// Those that wait, and some that no longer do, in order of their coming.
  private var order: [Waiting] = []
  private var first = 0

  /// - Parameter most: rows that wait at the same time. At least 1.
  init(most: Int) {
    self.most = most
  }

  /// The second of two rows with one id does not count while the first waits.
  mutating func add(_ id: String, row: Int, _ value: Value, expires: Milliseconds = .max) {
    guard rows[id] == nil else { return }
    rows[id] = (row, value)
    order.append(Waiting(id: id, row: row, expires: expires))
    while rows.count > most { dropFirst() }
    if order.count > 2 * rows.count + Self.slack { compact() }
  }

  mutating func take(_ id: String) -> (row: Int, value: Value)? {
    rows.removeValue(forKey: id)
  }

  /// Lets go of rows at the front of the queue whose time is up.
  mutating func expire(before time: Milliseconds) {
    while first < order.count, order[first].expires < time { dropFirst() }
  }

  private mutating func dropFirst() {
    if isWaiting(order[first]) { rows[order[first].id] = nil }
    first += 1
  }

  private func isWaiting(_ waiting: Waiting) -> Bool { rows[waiting.id]?.row == waiting.row }

  private mutating func compact() {
    order = order[first...].filter(isWaiting)
    first = 0
  }
}

extension OpenRows<Void> {
  mutating func add(_ id: String, row: Int) { add(id, row: row, ()) }
}

extension EngineConfiguration {
  /// Rows that may wait for their labels in all partitions together.
  var mostOpen: Int {
    let (most, overflow) = intake.maximumOpen.multipliedReportingOverflow(by: inputPartitions)
    return overflow ? .max : most
  }
}

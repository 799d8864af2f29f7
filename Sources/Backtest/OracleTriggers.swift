import Engine
import Events

/// Asks for training when enough rows since a change are labelled, and again with every doubling of them until the next
/// change.
struct OracleTriggers {
  private struct Change {
    let row: Int
    /// Of its first row, once that has come.
    var time: Milliseconds?
  }

  private let model: String
  private let minimumRows: Int
  private var changes: [Change]
  private var current: Change?
  /// Rows since the change after which training is asked for next.
  private var wanted = 0
  private var asked = 0

  /// - Parameter changes: rows, in order.
  init(model: String, changes: [Int], minimumRows: Int) {
    self.model = model
    self.minimumRows = max(minimumRows, 1)
    self.changes = changes.map { Change(row: $0) }
  }

  /// Takes note of a row that came.
  mutating func note(row: Int, time: Milliseconds) {
    while let change = changes.first, row >= change.row {
      changes.removeFirst()
      current = Change(row: change.row, time: time)
      wanted = minimumRows
    }
  }

  /// - Parameters:
  ///   - resolved: what is labelled now.
  ///   - row: the newest row.
  mutating func request(_ resolved: RowSet?, at row: Int) -> TriggerRequest? {
    guard let current, let start = current.time, let resolved, resolved.before > start,
      row - current.row >= wanted
    else { return nil }
    wanted = max(wanted * 2, row - current.row + 1)
    asked += 1
    return TriggerRequest(
      model: model, name: "oracle-\(asked)", reason: "the world changed at row \(current.row)", rows: resolved)
  }
}

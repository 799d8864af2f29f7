import Engine
import Events

/// Asks for training when enough rows since a change are labelled, and again with every doubling of them until the next
/// change.
struct OracleTriggers {
  private struct Change {
    let row: Int
    /// Of its first row, once that has come.
    var time: Milliseconds?
    /// Labelled rows when its own began to be labelled.
    var before: Int64?
  }

  private let model: String
  private let minimumRows: Int64
  private var changes: [Change]
  private var current: Change?
  /// Labelled rows since the change after which training is asked for next.
  private var wanted: Int64 = 0
  private var asked = 0

  /// - Parameter changes: rows, in order.
  init(model: String, changes: [Int], minimumRows: Int) {
    self.model = model
    self.minimumRows = Int64(max(minimumRows, 1))
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

  /// - Parameter resolved: what is labelled now.
  mutating func request(_ resolved: RowSet?) -> TriggerRequest? {
    guard let change = current, let start = change.time, let resolved, resolved.before > start else { return nil }
    let labelled = resolved.partitions.reduce(0) { $0 + $1.end }
    guard let before = change.before else {
      current?.before = labelled
      return nil
    }
    guard labelled - before >= wanted else { return nil }
    wanted = 2 * (labelled - before)
    asked += 1
    return TriggerRequest(
      model: model, name: "oracle-\(asked)", reason: "the world changed at row \(change.row)", rows: resolved)
  }
}

/// How alarms stand to changes whose rows are known.
public struct DetectionScore: Hashable, Sendable {
  /// Rows from each change to the first alarm after it and before the next one; nil where there was none.
  public let delays: [Int?]
  /// Alarms before the first change.
  public let falseAlarms: Int
  /// Alarms after the first one of their change: a change often passes in several steps.
  public let repeated: Int

  /// Of alarms by drift or performance; what asks for training by rows or by time detects nothing.
  ///
  /// - Parameters:
  ///   - changes: rows, in order.
  ///   - first: the first row that was served: changes before it are not asked for.
  public init(_ triggers: [PolicyJournal.Triggered], changes: [Int], from first: Int) {
    let changes = changes.filter { $0 >= first }
    let alarms = triggers.filter { ["drift", "performance"].contains($0.rule) }.map(\.row)
    var delays: [Int?] = []
    var repeated = 0
    for (index, change) in changes.enumerated() {
      let end = index + 1 < changes.count ? changes[index + 1] : .max
      let own = alarms.filter { (change..<end).contains($0) }
      delays.append(own.first.map { $0 - change })
      repeated += max(own.count - 1, 0)
    }
    self.delays = delays
    self.repeated = repeated
    falseAlarms = alarms.count { $0 < changes.first ?? .max }
  }
}

import Drift
import Foundation

/// What a walk along a file found of its columns so far.
struct WalkFindings {
  /// Rows that detectors have looked at.
  var watched = 0
  /// Of each column, the smallest of the probabilities that its evidence is chance.
  private var chances: [String: Double] = [:]
  private var changed: Set<String> = []
  /// Columns on which the evidence rested at the end, short of an alarm.
  private var pending: Set<String> = []
  private var thin: [String] = []
  private var remarks: [String] = []

  mutating func note(_ remark: String?) {
    if let remark, !remarks.contains(remark) { remarks.append(remark) }
  }

  /// - Parameter names: columns whose reference is worth few independent rows.
  mutating func begin(thin names: [String]) {
    for name in names where !thin.contains(name) { thin.append(name) }
  }

  /// While nothing changes, the mean of a column's statistic at a row is at most the number of rows since its detector
  /// was armed. So any of them reaches b within n rows of all references with probability n/b at most (Ville), and the
  /// model's statistic, a mean over columns, shares that out.
  mutating func weigh(_ reading: DetectorReading, _ configuration: DetectorConfiguration) {
    for evidence in reading.columns {
      guard case .column = evidence.role else { continue }
      let chance = Double(watched) / (configuration.threshold * exp(evidence.evidence))
      chances[evidence.column] = min(chances[evidence.column] ?? 1, chance)
    }
  }

  mutating func alarm(_ reading: DetectorReading, row: Int, strength: Double) -> DetectResult.Alarm {
    let leading = Self.leading(reading)
    changed.formUnion(leading.map(\.column))
    return DetectResult.Alarm(
      row: row, columns: leading.map(\.column), detector: "shiryaev_roberts", evidence: strength,
      change: leading.first?.words ?? "", onset: Int(leading.first?.onset ?? 0) + 1)
  }

  mutating func end(_ reading: DetectorReading, _ configuration: DetectorConfiguration) {
    weigh(reading, configuration)
    if reading.state == .warning { pending = Set(Self.leading(reading).map(\.column)) }
  }

  /// Whether the column led an alarm, or was about to, and the probability that its evidence is chance.
  func answer(for column: String) -> (changed: Change, chance: Double) {
    (changed.contains(column) ? .yes : pending.contains(column) ? .undetermined : .no, min(chances[column] ?? 1, 1))
  }

  func notes(referenceRows: Int) -> [String] {
    guard !thin.isEmpty else { return remarks }
    return remarks + [
      "\(thin.joined(separator: ", ")): neighbouring rows depend on each other so much that "
        + "\(Figures.count(referenceRows, "row")) of a reference are worth fewer than 50 independent ones; there may be "
        + "more alarms than promised: take a longer reference"
    ]
  }

  private static func leading(_ reading: DetectorReading) -> [ColumnEvidence] {
    reading.columns.filter { $0.share >= 0.1 }
  }
}

extension ColumnEvidence {
  /// What the change is like, such as `higher` or `more yes`.
  fileprivate var words: String {
    ([change.word.replacing("_", with: " ")] + [bin].compactMap { $0 }).joined(separator: " ")
  }
}

/// How much of a report's drift one column brought.
public struct ColumnContribution: Hashable, Sendable {
  public let column: String
  /// Its share of the strength of all drifted columns, above 0 and at most 1.
  public let share: Double
}

/// A window of one version's rows against that version's reference.
public struct DriftReport: Hashable, Sendable {
  /// Most unseen levels that a column names.
  public static let namedLevels = 10
  /// Most shifted bins that a column names.
  public static let namedShifts = 3

  public let version: Int
  /// Event time of the rows: from the start of the oldest pane to the end of the newest, milliseconds.
  public let from: Int64
  public let to: Int64
  public let rows: Int
  /// Strongest first, then by name.
  public let columns: [ColumnDrift]
  /// Of the version's own predictions; nil where the reference has none.
  public let prediction: ColumnDrift?

  /// `columns` in any order.
  public init(
    version: Int, from: Int64, to: Int64, rows: Int, columns: [ColumnDrift],
    prediction: ColumnDrift?
  ) {
    self.version = version
    self.from = from
    self.to = to
    self.rows = rows
    self.columns = columns.sorted { ($1.strength, $0.column) < ($0.strength, $1.column) }
    self.prediction = prediction
  }

  public var drifted: Bool { prediction?.drifted ?? false || columns.contains(where: \.drifted) }

  /// The finding that is furthest beyond its bounds, the prediction's included.
  public var strongest: DriftFinding? {
    (columns.prefix(1) + [prediction].compactMap { $0 }).compactMap(\.strongest).max {
      $0.strength < $1.strength
    }
  }

  /// The drifted columns, the prediction left out, with what each brought, largest first. A column that moved without
  /// limit counts as much as the strongest finite one does ten times.
  public var contributions: [ColumnContribution] {
    let drifted = columns.filter(\.drifted)
    let finite = drifted.map(\.strength).filter(\.isFinite).max() ?? 1
    let strengths = drifted.map { min($0.strength, 10 * finite) }
    let total = strengths.reduce(0, +)
    return zip(drifted, strengths).map { ColumnContribution(column: $0.column, share: $1 / total) }
  }
}

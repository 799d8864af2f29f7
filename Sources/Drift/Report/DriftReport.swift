/// What a window says about the size of a change.
public enum DriftVerdict: String, Hashable, Sendable {
  /// Larger than the threshold and than sampling explains.
  case drift
  /// Below the threshold, on rows enough to say so.
  case clear
  /// Too few rows, or above the threshold but within what sampling explains.
  case undetermined
}

/// One statistic of one column.
public struct DriftFinding: Hashable, Sendable {
  public let column: String
  public let statistic: Statistic
  /// In the statistic's unit, 0 or more.
  public let value: Double
  /// The size from which a change matters.
  public let threshold: Double
  /// The size that sampling noise alone reaches with the configured probability.
  public let critical: Double
  /// Rows on either side, those without a usable value included.
  public let referenceRows: Int
  public let currentRows: Int
  public let verdict: DriftVerdict

  public init(
    column: String, statistic: Statistic, value: Double, threshold: Double, critical: Double,
    referenceRows: Int,
    currentRows: Int, verdict: DriftVerdict
  ) {
    self.column = column
    self.statistic = statistic
    self.value = value
    self.threshold = threshold
    self.critical = critical
    self.referenceRows = referenceRows
    self.currentRows = currentRows
    self.verdict = verdict
  }

  public var drifted: Bool { verdict == .drift }
  /// Value over the larger of threshold and critical value: from 1 on it is drift.
  public var strength: Double {
    let bound = max(threshold, critical)
    return bound > 0 ? value / bound : 0
  }
}

/// A bin whose share changed.
public struct BinShift: Hashable, Sendable {
  /// The bin's interval or level, `(other)`, `(unseen)` or `(missing)`.
  public let bin: String
  /// Share of all rows, 0 to 1.
  public let reference: Double
  public let current: Double
}

/// All findings of one column.
public struct ColumnDrift: Hashable, Sendable {
  public let column: String
  /// In the order of `Statistic.allCases`.
  public let findings: [DriftFinding]
  /// Share of rows without a usable value, 0 to 1.
  public let referenceMissing: Double
  public let currentMissing: Double
  /// Share of rows with a level that the reference never held; nil for a numeric column. The reference's is an
  /// estimate (see `CategoryBinning.referenceCounts`).
  public let referenceUnseen: Double?
  public let currentUnseen: Double?
  /// Names of such levels with their rows, most frequent first, at most `DriftReport.namedLevels`.
  public let unseenLevels: [UnseenLevel]
  /// The bins that add most to the PSI, largest first, at most `DriftReport.namedShifts`; empty unless drifted.
  public let shifts: [BinShift]

  /// The finding furthest beyond its bounds.
  public var strongest: DriftFinding? {
    findings.max { $0.strength < $1.strength }
  }

  public var drifted: Bool { findings.contains(where: \.drifted) }
  public var strength: Double { strongest?.strength ?? 0 }
}

/// A level that the reference never held.
public struct UnseenLevel: Hashable, Sendable {
  public let level: String
  public let rows: Int
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
}

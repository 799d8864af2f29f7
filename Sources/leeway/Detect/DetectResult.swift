import Drift

/// What `leeway detect` found.
struct DetectResult {
  /// Independent rows below which "no change" would be saying too much.
  static let fewRows = 50.0

  /// One column as a whole.
  struct Column {
    let name: String
    /// Whether the two differ at all.
    let changed: Change
    let pValue: Double
    let statistic: String
    let value: Double
    /// Between these lies the value of the rows themselves.
    let low: Double
    let high: Double
    /// Whether the difference is large.
    let verdict: DriftVerdict
  }

  struct Alarm {
    /// Rows read when it was raised.
    let row: Int
    /// Most evidence first.
    let columns: [String]
    let detector: String
    /// The statistic over its threshold, at least 1; nil of a detector that has no common measure of it.
    let evidence: Double?
    /// What the leading column's change is like, in words.
    let change: String
    /// Row from which it has been growing, where the detector tells.
    let onset: Int?
  }

  /// What the table and the page are headed with.
  let title: String
  /// In the order of the file.
  private(set) var columns: [Column] = []
  private(set) var distributions: [DetectPage.Distribution] = []
  /// Rows of the current file, or of the file that was walked along.
  var rows = 0
  var elapsedSeconds = 0.0
  /// What people should know beside the figures.
  var notes: [String] = []
  /// Nil unless a file was walked along.
  var walk: Walk?

  /// What a walk along a file adds.
  struct Walk {
    var alarms: [Alarm] = []
    var evidence = EvidenceLine()
    /// The rows that were taken as references, counted from 1.
    var references: [ClosedRange<Int>] = []
  }

  init(title: String) {
    self.title = title
  }

  var alarms: [Alarm] { walk?.alarms ?? [] }

  /// Adds a column with the statistic that says most of its drift.
  ///
  /// - Parameter effectiveRows: independent rows that the smaller side is worth. Where they are few, a difference that
  ///   is not small is never called none.
  mutating func add(
    _ drift: ColumnDrift, changed: Change, pValue: Double, _ comparison: ColumnComparison, effectiveRows: Double
  ) {
    guard let shown = drift.strongest else { return }
    distributions.append(DetectPage.Distribution(column: drift.column, shares: comparison.shares))
    let verdict: DriftVerdict =
      drift.drifted ? .drift : drift.findings.allSatisfy { $0.verdict == .clear } ? .clear : .undetermined
    let isOpen = changed == .no && verdict != .clear && effectiveRows < Self.fewRows
    columns.append(
      Column(
        name: drift.column, changed: isOpen ? .undetermined : changed, pValue: pValue,
        statistic: shown.statistic.rawValue, value: shown.value, low: shown.low, high: shown.high, verdict: verdict))
  }

  /// One sentence.
  var conclusion: String {
    let changed = columns.count { $0.changed == .yes }
    let open = columns.count { $0.changed == .undetermined }
    let large = columns.count { $0.verdict == .drift }
    let sizes =
      "\(changed) of \(Figures.count(columns.count, "column")) changed"
      + (open > 0 ? ", \(open) undetermined" : "") + "; the difference is large in \(large)"
    guard let walk else { return sizes }
    let alarms = walk.alarms.isEmpty ? "no alarm" : Figures.count(walk.alarms.count, "alarm")
    return "\(alarms) in \(Figures.count(rows, "row")); \(sizes)"
  }
}

extension Figures {
  /// A number of things, such as `1 row` and `20,000 rows`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }
}

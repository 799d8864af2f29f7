import Drift
import Foundation

/// What `leeway detect` found.
struct DetectResult {
  /// One column as a whole.
  struct Column: Encodable {
    let name: String
    /// Whether the two differ at all: `yes`, `no` or `undetermined`.
    let changed: String
    let pValue: Double?
    let statistic: String
    let value: Double
    /// Between these lies the value of the rows themselves.
    let low: Double
    let high: Double
    /// Whether the difference is large: `drift`, `clear` or `undetermined`.
    let verdict: String
  }

  struct Alarm: Encodable {
    /// Rows read when it was raised.
    let row: Int
    /// Most evidence first.
    let columns: [String]
    let detector: String
    /// The statistic over its threshold, at least 1.
    let evidence: Double
    /// What the leading column's change is like, in words.
    var change = ""
    /// Row from which it has been growing.
    var onset = 0

    enum CodingKeys: String, CodingKey { case row, columns, detector, evidence }
  }

  /// In the order of the file.
  var columns: [Column] = []
  var alarms: [Alarm] = []
  /// Rows of the current file, or of the file that was walked along.
  var rows = 0
  var elapsedSeconds = 0.0
  /// What the table and the page are headed with.
  var title = ""
  var distributions: [DetectPage.Distribution] = []
  var scores: [DetectPage.Score] = []
  var isWalk = false
}

extension DetectResult {
  /// Adds a column with the statistic that says most of its drift.
  mutating func add(_ drift: ColumnDrift, changed: Change, pValue: Double, shares: [BinShift]) {
    distributions.append(
      DetectPage.Distribution(
        column: drift.column, labels: shares.map(\.bin), reference: shares.map(\.reference),
        current: shares.map(\.current)))
    guard let shown = drift.strongest else { return }
    let verdict: DriftVerdict =
      drift.drifted ? .drift : drift.findings.allSatisfy { $0.verdict == .clear } ? .clear : .undetermined
    columns.append(
      Column(
        name: drift.column, changed: changed.rawValue, pValue: pValue, statistic: shown.statistic.rawValue,
        value: shown.value, low: shown.low, high: shown.high, verdict: verdict.rawValue))
  }

  private struct Printed: Encodable {
    let columns: [Column]
    let alarms: [Alarm]
    let rows: Int
    let elapsedSeconds: Double
  }

  func printJSON() throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(
      Printed(columns: columns, alarms: alarms, rows: rows, elapsedSeconds: elapsedSeconds))
    let output = StandardOutput()
    try output.line(data)
    try output.flush()
  }

  private static let header = ["column", "changed", "p", "statistic", "value", "low", "high", "verdict"]

  private var tableRows: [[String]] {
    columns.map {
      [
        $0.name, $0.changed, $0.pValue.map(Figures.short) ?? "–", $0.statistic, Figures.short($0.value),
        Figures.short($0.low), Figures.short($0.high), $0.verdict,
      ]
    }
  }

  private var alarmLines: [String] {
    alarms.map {
      "row \(Figures.grouped($0.row)): \($0.columns.prefix(5).joined(separator: ", ")) (\($0.change)), since about row "
        + "\(Figures.grouped($0.onset)), evidence \(Figures.short($0.evidence))"
    }
  }

  /// One sentence.
  var conclusion: String {
    let changed = columns.filter { $0.changed == "yes" }.count
    let large = columns.filter { $0.verdict == "drift" }.count
    let sizes = "\(changed) of \(columns.count) columns changed, \(large) by much"
    guard isWalk else { return sizes }
    return "\(alarms.isEmpty ? "no alarm" : "\(alarms.count) alarms") in \(Figures.grouped(rows)) rows; \(sizes)"
  }

  func printTable() {
    print(title)
    var table = TextTable(header: Self.header)
    for row in tableRows { table.append(row) }
    for line in table.lines { print(line) }
    for line in alarmLines { print(line) }
    print(conclusion)
  }

  func page() -> String {
    var page = Page(title: title)
    page.paragraph(conclusion + ".")
    if isWalk {
      page.heading("Evidence over the rows")
      page.figures([("All columns together", DetectPage.evidence(scores, alarms: alarms.map(\.row)))])
      for line in alarmLines { page.paragraph(line) }
    }
    page.heading("Columns")
    page.table(header: Self.header, rows: tableRows, mark: ["drift", "yes"])
    page.heading("Distributions")
    page.figures(distributions.map { ($0.column, DetectPage.distribution($0)) })
    return page.html
  }
}

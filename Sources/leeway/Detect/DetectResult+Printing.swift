import Drift
import Foundation

/// As one JSON object.
extension DetectResult: Encodable {
  private enum Key: String, CodingKey {
    case columns, alarms, rows
    case elapsedSeconds = "elapsed_seconds"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(columns, forKey: .columns)
    try container.encode(alarms, forKey: .alarms)
    try container.encode(rows, forKey: .rows)
    try container.encode(elapsedSeconds, forKey: .elapsedSeconds)
  }

  func printJSON() throws {
    let output = StandardOutput()
    try output.line(try ReportJSON.encoded(self, isOneLine: true))
    try output.flush()
  }
}

extension DetectResult.Column: Encodable {
  private enum Key: String, CodingKey {
    case name, changed, statistic, value, low, high, verdict
    case pValue = "p_value"
  }

  /// A number without limit is null: JSON has none such.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    try container.encode(changed.rawValue, forKey: .changed)
    try container.encode(pValue, forKey: .pValue)
    try container.encode(statistic, forKey: .statistic)
    for (number, key) in [(value, Key.value), (low, .low), (high, .high)] {
      try container.encode(number.isFinite ? number : nil, forKey: key)
    }
    try container.encode(verdict.rawValue, forKey: .verdict)
  }
}

extension DetectResult.Alarm: Encodable {
  private enum Key: String, CodingKey { case row, columns, detector, evidence }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(row, forKey: .row)
    try container.encode(columns, forKey: .columns)
    try container.encode(detector, forKey: .detector)
    try container.encode(evidence, forKey: .evidence)
  }
}

/// As tables.
extension DetectResult {
  private static let header = ["column", "changed", "p", "statistic", "value", "low", "high", "verdict"]
  private static let alarmHeader = ["alarm at row", "since about", "columns", "change", "evidence"]
  private static let namedColumns = 5

  private var columnRows: [[String]] {
    columns.map {
      [
        $0.name, $0.changed.rawValue, Figures.short($0.pValue), $0.statistic, Figures.short($0.value),
        Figures.short($0.low), Figures.short($0.high), $0.verdict.rawValue,
      ]
    }
  }

  private var alarmRows: [[String]] {
    alarms.map { alarm in
      let others = alarm.columns.count - Self.namedColumns
      return [
        Figures.grouped(alarm.row), alarm.onset.map(Figures.grouped) ?? "–",
        alarm.columns.prefix(Self.namedColumns).joined(separator: ", ") + (others > 0 ? " and \(others) more" : ""),
        alarm.change, alarm.evidence.map(Figures.short) ?? "–",
      ]
    }
  }

  /// What is told on standard error.
  func complain() {
    for note in notes { Terminal.complain(note.printable) }
  }

  func printTable() throws(CommandError) {
    let output = StandardOutput()
    try output.line(title.printable)
    let tables = [(Self.alarmHeader, alarmRows), (Self.header, columnRows)].filter { !$0.1.isEmpty }
    for (header, rows) in tables {
      var table = TextTable(header: header)
      for row in rows { table.append(row.map(\.printable)) }
      try output.lines(table.lines)
      try output.line("")
    }
    try output.line(conclusion)
    try output.flush()
  }

  func page() -> String {
    var page = Page(title: title)
    page.paragraph(conclusion + ".")
    for note in notes { page.paragraph(note + ".") }
    if let walk {
      page.heading("Evidence over the rows")
      page.figure(Page.Figure(caption: "All columns together", svg: DetectPage.evidence(walk, rows: rows).svg))
      page.paragraph(
        "An alarm is raised where the evidence reaches 1. Grey stretches are the references: rows in them are what is "
          + "usual for the rows behind them, and are not watched.")
      if !alarms.isEmpty { page.table("Alarms", header: Self.alarmHeader, rows: alarmRows) }
    }
    page.heading("Columns")
    page.table("Each column as a whole", header: Self.header, rows: columnRows, mark: ["drift", "yes"])
    page.paragraph(DetectPage.legend(isWalk: walk != nil))
    page.heading("Distributions")
    page.figures(
      zip(columns, distributions).map {
        Page.Figure(
          caption: $1.column, marked: $0.changed == .yes ? "changed" : nil, svg: DetectPage.distribution($1).svg)
      })
    return page.html()
  }
}

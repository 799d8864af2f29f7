import Backtest
import Foundation

/// A policy's columns with how far each was from its reference along the rows: a strip of cells, and the figures.
struct DriftTable {
  /// Columns that are shown.
  static let most = 60
  /// Units that a strip is wide.
  private static let width = 1_000.0
  /// Where the classes of cells begin, as multiples of the bound.
  private static let limits = [0.25, 0.5, 1, 2, 4]

  let policy: String
  let columns: [DriftMap.Column]
  let first: Int
  let length: Int
  /// Of all rows, as in the charts.
  let rows: Scale

  /// Nil where nothing was read.
  init?(_ map: DriftMap, policy: String, rows: Scale) {
    guard let range = map.rows else { return nil }
    self.policy = policy
    (first, length, self.rows) = (range.lowerBound, map.length, rows)
    columns = map.columns
    guard !columns.isEmpty else { return nil }
  }

  /// What the map says, in words.
  var summary: String {
    let drifted = columns.filter { $0.drifted > 0 }
    guard let worst = columns.first else { return "" }
    let hidden = columns.count - Self.most
    let all = Figures.count(columns.count, "column")
    let found =
      drifted.isEmpty
      ? "No drift in any of \(all)."
      : "Drift in \(drifted.count) of \(all) at some time; most often in \(worst.name): in "
        + "\(Figures.grouped(worst.drifted)) of \(Figures.count(worst.readings, "reading"))."
    return found
      + (hidden > 0 ? " The \(Self.most) most drifted are shown, \(Figures.grouped(hidden)) are left out." : "")
  }

  static let legend: String = {
    func key(_ text: String, _ style: String, _ path: String) -> String {
      "<li><svg class=\"key\" width=\"24\" height=\"12\" aria-hidden=\"true\">"
        + "<path class=\"\(style)\" d=\"\(path)\"/></svg>\(text)</li>"
    }
    let classes = ["below ¼ of the bound", "¼ to ½", "½ to 1", "1 to 2 times the bound", "2 to 4", "4 and more"]
    let keys = classes.enumerated().map { key($1, "h\($0)", "M0 0h24v12H0Z") }
    return "<ul class=\"legend\">\(keys.joined())"
      + key("underlined: past it on rows enough, which is drift", "past", "M0 9h24v3H0Z")
      + key("no reading", "blank", "M0 6h24") + "</ul>"
  }()

  var markup: String {
    let caption = Page.escaped("Drift of each column along the rows, in multiples of its bound; policy \(policy)")
    let (low, high) = (Figures.grouped(Int(rows.low)), Figures.grouped(Int(rows.high)))
    let lines = columns.prefix(Self.most).map { column in
      let name = Page.escaped(column.name)
      return "<tr><th scope=\"row\"><span class=\"name\" title=\"\(name)\">\(name)</span></th>"
        + "<td>\(strip(column))</td><td>\(Self.multiple(column.peak.ratio))</td><td>\(Self.share(column.drifted, of: column.readings))</td></tr>"
    }
    return
      "<table class=\"map\"><caption>\(caption)</caption><thead><tr><th scope=\"col\">column</th><th scope=\"col\">"
      + "<span class=\"ends\"><span>\(low)</span><span>\(high)</span></span></th><th scope=\"col\">most</th>"
      + "<th scope=\"col\">drift in</th></tr></thead><tbody>\(lines.joined(separator: "\n"))</tbody></table>"
  }

  private static func multiple(_ ratio: Double) -> String {
    if ratio >= 1_000 { return "≥ 1,000" }
    return String(format: ratio < 10 ? "%.2f" : ratio < 100 ? "%.1f" : "%.0f", ratio)
  }

  private static func share(_ part: Int, of whole: Int) -> String {
    guard whole > 0, part > 0 else { return "0 %" }
    return DetectPage.percent(Double(part) / Double(whole))
  }

  private func strip(_ column: DriftMap.Column) -> String {
    let peak = column.peak
    let text =
      "\(column.name): at most \(Self.multiple(peak.ratio)) times the bound (\(peak.statistic) \(Figures.short(peak.value)) "
      + "against \(Figures.short(peak.bound))), at row \(Figures.grouped(peak.row)); drift in "
      + "\(Figures.grouped(column.drifted)) of \(Figures.count(column.readings, "reading"))"
    let classes = column.cells.map { cell in cell.map { cell in Self.limits.count { $0 <= cell.ratio } } }
    let shown = (0...Self.limits.count).map { index in
      Self.path("h\(index)", runs(classes) { $0 == index }) { "M\($0) 0h\($1)v10h-\($1)Z" }
    }
    let past = Self.path("past", runs(column.cells) { $0?.drifted == true }) { "M\($0) 8.4h\($1)v1.6h-\($1)Z" }
    let blank = Self.path("blank", runs(column.cells) { $0 == nil } + outside) { "M\($0) 5h\($1)" }
    return "<svg class=\"strip\" role=\"img\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\"><title>"
      + "\(Page.escaped(text))</title>\(shown.joined())\(past)\(blank)</svg>"
  }

  /// Begin and length of neighbouring cells that are of a kind, in units of the strip.
  private func runs<Cell>(_ cells: [Cell], _ isOfKind: (Cell) -> Bool) -> [(Double, Double)] {
    var runs: [Range<Int>] = []
    for (index, cell) in cells.enumerated() where isOfKind(cell) {
      if let last = runs.last, last.upperBound == index {
        runs[runs.count - 1] = last.lowerBound..<index + 1
      } else {
        runs.append(index..<index + 1)
      }
    }
    return runs.map { stretch(from: first + $0.lowerBound * length, to: first + $0.upperBound * length) }
  }

  /// Before the first reading and behind the last.
  private var outside: [(Double, Double)] {
    let count = columns.first?.cells.count ?? 0
    return [
      stretch(from: Int(rows.low), to: first), stretch(from: first + count * length, to: Int(rows.high)),
    ].filter { $0.1 > 0 }
  }

  private func stretch(from: Int, to: Int) -> (Double, Double) {
    let start = rows.share(of: Double(from)) * Self.width
    return (start, rows.share(of: Double(to)) * Self.width - start)
  }

  private static func path(
    _ style: String, _ runs: [(Double, Double)], _ piece: (String, String) -> String
  ) -> String {
    guard !runs.isEmpty else { return "" }
    let pieces = runs.map { piece(Drawing.place($0.0), Drawing.place($0.1)) }
    return "<path class=\"\(style)\" d=\"\(pieces.joined())\"/>"
  }
}

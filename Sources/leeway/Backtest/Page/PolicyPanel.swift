import Backtest
import Events

/// One policy along the rows: its loss, what asked for training, and what became of it.
struct PolicyPanel {
  /// Places along the width that marks are gathered at: a page does not grow with the recording.
  private static let places = 120.0
  private static let lane = 30.0

  /// Marks of one lane that look alike.
  private struct Kind {
    let name: String
    let mark: Mark
    let style: String
    let rows: [Int]
  }

  let charts: PolicyCharts
  let outcome: PolicyOutcome
  /// The same for all panels.
  let values: Scale

  func figure() -> Page.Figure {
    let (triggers, versions) = (triggerKinds, versionKinds)
    let note = summary
    var chart = Chart(
      title: "\(outcome.name): loss, triggers and versions", description: note, across: charts.rows, up: values,
      plot: 110, below: 2 * Self.lane + 10, times: charts.times)
    chart.mark(changes: charts.changes)
    var legend: [Page.Key] = []
    if let never = charts.outcomes.first(where: { $0.name == "never" }), outcome.name != never.name {
      for segment in PolicyCharts.means(never) { chart.line(segment, style: "other") }
      legend.append(Page.Key(text: "never", line: "other"))
    }
    for segment in PolicyCharts.means(outcome) { chart.line(segment, style: "own") }
    legend.insert(Page.Key(text: "mean \(charts.loss)", line: "own"), at: 0)
    for (index, lane) in [("triggers", triggers), ("versions", versions)].enumerated() {
      let top = chart.floor + Double(index) * Self.lane
      chart.label(lane.0, x: 0, y: top + 11)
      // What is rarer is drawn over what is not.
      for kind in lane.1.sorted(by: { $0.rows.count > $1.rows.count }) { draw(kind, y: top + 22, in: &chart) }
      legend += lane.1.map { kind in
        Page.Key(text: "\(kind.name) (\(Figures.grouped(kind.rows.count)))", mark: (kind.mark, kind.style))
      }
    }
    if !charts.changes.isEmpty { legend.append(PolicyCharts.change) }
    return Page.Figure(caption: outcome.name, legend: legend, svg: chart.svg, note: note)
  }

  private func draw(_ kind: Kind, y: Double, in chart: inout Chart) {
    let groups = Dictionary(grouping: kind.rows) { (charts.rows.share(of: Double($0)) * Self.places).rounded() }
    for place in groups.keys.sorted() {
      guard let rows = groups[place], let first = rows.min(), let last = rows.max() else { continue }
      let tip =
        rows.count == 1
        ? "\(kind.name) at row \(Figures.grouped(first))"
        : "\(kind.name), \(rows.count) at rows \(Figures.grouped(first)) to \(Figures.grouped(last))"
      chart.mark(kind.mark, x: charts.rows.share(of: Double(first + last) / 2), y: y, style: kind.style, tip: tip)
    }
  }

  private var triggerKinds: [Kind] {
    let shapes: [String: (Mark, String)] = ["drift": (.triangle, "hot"), "performance": (.diamond, "m4")]
    let rules = Dictionary(grouping: outcome.journal.triggers, by: \.rule)
    return rules.keys.sorted().map { rule in
      let (mark, style) = shapes[rule] ?? (.bar, "ink")
      return Kind(name: "by \(rule)", mark: mark, style: style, rows: (rules[rule] ?? []).map(\.row))
    }
  }

  private var versionKinds: [Kind] {
    let kinds: [(ModelStatus, String, Mark, String)] = [
      (.champion, "published", .circle, "good"), (.rejected, "rejected", .cross, "hot"),
      (.inconclusive, "inconclusive", .circle, "open"), (.rolledBack, "rolled back", .square, "hot"),
    ]
    return kinds.compactMap { status, name, mark, style in
      let rows = outcome.journal.versions.filter { $0.status == status }.map { max($0.row, Int(charts.rows.low)) }
      return rows.isEmpty ? nil : Kind(name: name, mark: mark, style: style, rows: rows)
    }
  }

  private var summary: String {
    func list(_ kinds: [Kind]) -> String {
      kinds.map { "\(Figures.grouped($0.rows.count)) \($0.name)" }.joined(separator: ", ")
    }
    let journal = outcome.journal
    let triggers = triggerKinds
    let mean = outcome.track.series.mean
    let loss = mean.map { " Mean \(charts.loss) \(Figures.metric($0))." } ?? " No row was labelled."
    return Figures.count(journal.triggers.count, "trigger") + (triggers.isEmpty ? "" : ": \(list(triggers))") + ". "
      + Figures.count(journal.runs, "run")
      + (journal.failures > 0 ? ", \(Figures.grouped(journal.failures)) of which failed" : "")
      + (versionKinds.isEmpty ? "" : "; versions: \(list(versionKinds))") + "." + loss
  }
}

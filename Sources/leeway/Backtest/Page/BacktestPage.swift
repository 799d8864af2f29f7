import Backtest
import Events
import Foundation

/// What `leeway backtest --html` writes: the policies beside each other, along the rows, and what they saw. The same bytes
/// for the same recording and policies.
struct BacktestPage {
  /// Triggers of a policy that are listed.
  static let listedTriggers = 40

  let title: String
  /// What was replayed, in a sentence or two.
  let source: String
  let report: BacktestReport
  let outcomes: [PolicyOutcome]
  /// What was seen of policies, by name; of others nothing is drawn but their losses, triggers and versions.
  let pictures: [(policy: String, picture: PolicyPicture)]
  /// When the rows came; nil where the recording does not say.
  var times: RowTimes?

  func html() -> String {
    var page = Page(title: title)
    let charts = PolicyCharts(outcomes, changes: report.changes, from: report.servedFrom, times: times)
    addComparison(to: &page)
    addLosses(charts, to: &page)
    addPanels(charts, to: &page)
    addDrift(charts.rows, to: &page)
    addShapes(to: &page)
    return page.html(contents: true)
  }

  private func addComparison(to page: inout Page) {
    let table = BacktestTable(report)
    page.heading("Comparison")
    page.paragraph(source)
    page.paragraph(
      (table.advice.map { $0.prefix(1).uppercased() + $0.dropFirst() })
        ?? "No row was labelled: nothing can be said of which policy to take.", isLead: true)
    for (caption, table) in [("Policies", Optional(table.policies)), ("Known changes", table.detection)] {
      guard let rows = table?.rows, let header = rows.first else { continue }
      page.table(caption, header: header, rows: Array(rows.dropFirst()))
    }
    page.paragraph(
      "Regret is the sum of losses less that of another policy: below zero is better. The recommendation weighs the mean "
        + "losses of recordings drawn anew from stretches of this one.")
  }

  private func addLosses(_ charts: PolicyCharts, to page: inout Page) {
    page.heading("Loss along the rows")
    guard let losses = charts.losses() else {
      page.paragraph("No row was labelled: there is no loss to show.")
      return
    }
    if times != nil { page.paragraph("Under the rows stand the times at which they came, in UTC.") }
    page.figure(losses)
    for base in ["never", "oracle"] {
      if let regret = charts.regret(to: base) { page.figure(regret) }
    }
  }

  private func addPanels(_ charts: PolicyCharts, to page: inout Page) {
    page.heading("Triggers and versions")
    let means = outcomes.flatMap { PolicyCharts.means($0).joined().map(\.value) }
    let values = Scale(around: means, ticks: 3)
    page.figures(outcomes.map { PolicyPanel(charts: charts, outcome: $0, values: values).figure() }, areWide: true)
    for outcome in outcomes where !outcome.journal.triggers.isEmpty { addTriggers(outcome, to: &page) }
  }

  private func addTriggers(_ outcome: PolicyOutcome, to page: inout Page) {
    let triggers = outcome.journal.triggers
    let alarms = triggers.filter { ["drift", "performance"].contains($0.rule) }
    let others = triggers.filter { !["drift", "performance"].contains($0.rule) }
    let listed = (alarms + others).prefix(Self.listedTriggers).sorted { $0.row < $1.row }
    let rows = listed.map { trigger in
      [
        Figures.grouped(trigger.row), times == nil ? nil : "\(RFC3339.format(trigger.time).prefix(19))", trigger.rule,
        trigger.column ?? "–", trigger.statistic ?? "–",
        trigger.value.map(Figures.short) ?? "–", trigger.threshold.map(Figures.short) ?? "–",
      ].compactMap { $0 }
    }
    let all = Figures.count(triggers.count, "trigger")
    page.folded(
      triggers.count > rows.count
        ? "\(outcome.name): \(rows.count) of \(all), alarms before others" : "\(outcome.name): \(all)",
      "Triggers of \(outcome.name)",
      header: ["row"] + (times == nil ? [] : ["time"]) + ["rule", "column", "statistic", "value", "threshold"],
      rows: rows)
  }

  private func addDrift(_ rows: Scale, to page: inout Page) {
    page.heading("Drift of the columns")
    let tables = pictures.compactMap { DriftTable($0.picture.drift, policy: $0.policy, rows: rows) }
    guard !tables.isEmpty else {
      page.paragraph("No policy compared columns with a reference.")
      return
    }
    page.paragraph(
      "Of each column the statistic that came furthest, against the reference of the version in service, as a multiple of "
        + "its bound: its threshold, or what chance alone reaches where that is more. Columns that drifted most often come "
        + "first; of each the largest multiple, and in how many of the readings there was drift.")
    page.append(markup: DriftTable.legend)
    for table in tables {
      page.subheading(table.policy)
      page.paragraph(table.summary)
      page.append(markup: table.markup)
    }
  }

  private func addShapes(to page: inout Page) {
    page.heading("Before and after")
    let shown = pictures.filter { !$0.picture.shapes.shapes.isEmpty }
    guard !shown.isEmpty else {
      page.paragraph("Nothing was triggered by drift or performance.")
      return
    }
    page.paragraph(
      "The leading column of triggers by drift or performance: its distribution in the reference of the version in service, "
        + "and in the window before the trigger. Of each policy the triggers with the largest differences, at most "
        + "\(TriggerShapes.most).")
    for (policy, picture) in shown {
      page.subheading(policy)
      page.figures(picture.shapes.shapes.map(Self.figure))
    }
  }

  private static func figure(_ shape: TriggerShapes.Shape) -> Page.Figure {
    let drawing = DetectPage.distribution(
      DetectPage.Distribution(column: shape.column, shares: shape.bins), current: "before the trigger")
    let change = shape.change.map { " The detector calls the change: \($0)." } ?? ""
    return Page.Figure(
      caption: "\(shape.column), row \(Figures.grouped(shape.row)), by \(shape.rule)", svg: drawing.svg,
      note: "Version \(shape.version)'s reference and \(Figures.count(shape.rows, "row")) before the trigger; "
        + "\(DetectPage.percent(shape.distance)) of the rows would have to move for the two to be equal."
        + " \(drawing.description)\(change)")
  }
}

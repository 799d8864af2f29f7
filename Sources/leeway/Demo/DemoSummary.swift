import Backtest
import Engine
import Events
import Models

/// What the demo prints at its end: version 1 left alone against the loop, as a table and a chart.
struct DemoSummary {
  /// Points along the chart, at most.
  private static let points = 60

  let result: DemoRun.Result
  let table: DemoTable

  func print() {
    let serving = result.serving
    Swift.print("")
    var lines = TextTable(
      header: ["after the first \(Figures.grouped(result.served.lowerBound)) rows"] + serving.loop.metrics.map(\.name))
    lines.append(["version 1 left alone"] + serving.alone.metrics.map { Figures.metric($0.value) })
    lines.append(["the loop"] + serving.loop.metrics.map { Figures.metric($0.value) })
    for line in lines.lines { Swift.print(line) }
    Swift.print("")
    let loss = table.task == .regression ? "absolute error" : "log loss"
    let chart = LineChart(
      title: "\(loss) along the served rows",
      lines: [
        LineChart.Line(mark: "●", name: "the loop", values: curve(serving.loop)),
        LineChart.Line(mark: "·", name: "version 1 left alone", values: curve(serving.alone)),
      ])
    for line in chart.drawn() { Swift.print(line) }
    Swift.print("")
    for line in counts { Swift.print(line) }
  }

  /// Mean loss, point by point; nil where no row fell.
  private func curve(_ track: ScoreTrack) -> [Double?] {
    track.series.means(points: Self.points).map(\.mean)
  }

  private var counts: [String] {
    let journal = result.journal
    let rules = Dictionary(grouping: journal.triggers, by: \.trigger.rule).sorted { $0.key < $1.key }
      .map { "\($0.value.count) \($0.key)" }.joined(separator: ", ")
    let published = journal.versions.filter { $0.record.status == .champion }.count
    let events = result.serving.predictions + result.serving.labels
    let rate = Int(Double(events) / max(result.seconds, 1e-9))
    return [
      "triggers: \(journal.triggers.count) (\(rules))",
      "versions: \(published) published, \(journal.versions.count - published) not",
      "\(Figures.grouped(events)) events in \(Figures.metric(result.seconds)) s, \(Figures.grouped(rate)) events/s",
    ]
  }
}

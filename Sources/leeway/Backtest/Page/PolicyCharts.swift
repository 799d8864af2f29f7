import Backtest

/// Charts with a line for every policy, and the rows from left to right.
struct PolicyCharts {
  /// Stretches of rows that a line has points for.
  private static let points = 100
  /// Marks along a line.
  private static let marks = 6

  let outcomes: [PolicyOutcome]
  let changes: [Int]
  let rows: Scale
  /// When the rows came; nil where nobody said.
  let times: RowTimes?
  /// What the loss is called.
  let loss: String

  /// - Parameter first: the first row that was scored.
  init(_ outcomes: [PolicyOutcome], changes: [Int], from first: Int, times: RowTimes?) {
    self.outcomes = outcomes
    self.times = times
    self.changes = changes.filter { $0 >= first }
    let last = outcomes.map(\.rows).max() ?? 0
    rows = Scale(exactly: Double(first)...Double(max(last, first + 1)), ticks: 5)
    loss = outcomes.contains { $0.track.metrics.contains { $0.name == "mae" } } ? "absolute error" : "log loss"
  }

  static let change = Page.Key(text: "known change", line: "changed")

  /// Of each stretch its middle row and the mean loss in it, cut where nothing was labelled.
  static func means(_ outcome: PolicyOutcome) -> [[(row: Double, value: Double)]] {
    let means = outcome.track.series.means(points: points)
    let length = means.count > 1 ? means[1].row - means[0].row : 1
    return means.split { $0.mean == nil }.map { stretch in
      stretch.map { (Double($0.row) + Double(length) / 2, $0.mean ?? 0) }
    }
  }

  /// Nil where no row was labelled.
  func losses() -> Page.Figure? {
    let lines = outcomes.map(Self.means)
    let scored = outcomes.compactMap { outcome in outcome.track.series.mean.map { (name: outcome.name, mean: $0) } }
    guard !scored.isEmpty else { return nil }
    let order = scored.sorted { ($0.mean, $0.name) < ($1.mean, $1.name) }
    let note =
      "Mean \(loss) over all scored rows, lowest first: "
      + order.map { "\($0.name) \(Figures.metric($0.mean))" }.joined(separator: ", ") + "."
    let chart = chart("Loss along the rows", note, lines, Scale(around: lines.joined().joined().map(\.value), ticks: 4))
    return Page.Figure(
      caption: "Mean \(loss) per row, along the rows (lower is better)", legend: legend, svg: chart.svg, note: note)
  }

  /// Nil unless the policy is among them and another one too.
  func regret(to name: String) -> Page.Figure? {
    guard let base = outcomes.first(where: { $0.name == name }), base.track.series.count > 0, outcomes.count > 1 else {
      return nil
    }
    let lines = outcomes.map { outcome -> [[(row: Double, value: Double)]] in
      let sums = outcome.track.series.regret(to: base.track.series, points: Self.points)
      return sums.isEmpty ? [] : [[(row: rows.low, value: 0)] + sums.map { (row: Double($0.row), value: $0.sum) }]
    }
    let ends = zip(outcomes, lines).compactMap { outcome, line in
      line.last?.last.map { (name: outcome.name, sum: $0.value) }
    }
    let note =
      "At the end, least first: "
      + ends.sorted { ($0.sum, $0.name) < ($1.sum, $1.name) }
      .map { "\($0.name) \(BacktestTable.signed($0.sum))" }.joined(separator: ", ") + "."
    let scale = Scale(around: lines.joined().joined().map(\.value) + [0], ticks: 4, signed: true)
    let chart = chart("Cumulative regret to \(name)", note, lines, scale)
    return Page.Figure(
      caption: "Sum of \(loss) less that of \(name), up to each row (below zero: less loss than \(name))",
      legend: legend, svg: chart.svg, note: note)
  }

  private var legend: [Page.Key] {
    outcomes.indices.map { PolicyStyle($0).key(outcomes[$0].name) } + (changes.isEmpty ? [] : [Self.change])
  }

  private func chart(
    _ title: String, _ description: String, _ lines: [[[(row: Double, value: Double)]]], _ values: Scale
  ) -> Chart {
    var chart = Chart(title: title, description: description, across: rows, up: values, plot: 240, times: times)
    chart.mark(changes: changes)
    for (index, segments) in lines.enumerated() {
      let style = PolicyStyle(index)
      for segment in segments { chart.line(segment, style: style.line) }
      let points = segments.joined().map { $0 }
      let step = max(points.count / Self.marks, 1)
      // Each policy's marks stand elsewhere, so that lines that lie on each other are both seen.
      let first = min(step * (index % Self.marks + 1) / (Self.marks + 1), max(points.count - 1, 0))
      for place in stride(from: first, to: points.count, by: step) {
        chart.mark(
          style.mark, x: rows.share(of: points[place].row), y: chart.y(points[place].value), style: style.markStyle)
      }
    }
    return chart
  }
}

extension Chart {
  /// Rows at which the world is known to have changed.
  mutating func mark(changes: [Int]) {
    for row in changes {
      let place = across.share(of: Double(row))
      vertical(place, from: 4, to: floor, style: "changed", tip: "known change at row \(Figures.grouped(row))")
    }
  }
}

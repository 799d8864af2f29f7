import Sketches
import Windows

/// The two kinds of windows as one.
protocol BenchmarkedWindow {
  associatedtype Aggregate: Mergeable
  var total: Aggregate? { mutating get }
  mutating func push(_ aggregate: Aggregate, rows: Int, start: Int64, end: Int64) -> Bool
}

extension BenchmarkedWindow {
  /// A pane of one row, so that a window's length in rows is its length in panes.
  mutating func push(_ aggregate: Aggregate, _ number: Int) {
    let accepted = push(aggregate, rows: 1, start: Int64(number) * 10, end: Int64(number) * 10 + 10)
    precondition(accepted, "panes come in order")
  }
}

extension MergingWindow: BenchmarkedWindow {}
extension SlidingWindow: BenchmarkedWindow {}

extension WindowBenchmark {
  /// What the process grows by for one column's windows of 60 panes, the mean of many, each with memory of its own. They
  /// are filled to where they are largest: all panes but one have just moved to the older stack, which holds sums.
  static func addMemory(
    _ quantiles: [QuantileSketch<Double>], _ columns: [TableSketch], to table: inout Table
  ) {
    let end = 121
    guard
      let deciding = growth(by: { SlidingWindow<TableSketch>(span: .rows(60)).filled(with: columns, upTo: end) }),
      let merging = growth(by: {
        MergingWindow<QuantileSketch<Double>>(span: .rows(60)).filled(with: quantiles, upTo: end)
      })
    else { return }
    table.add(
      Row(
        figure: Figure("memory of 60 panes of a column, what decides", .kilobytes, targets: [.value(32)]),
        ours: deciding, peer: .none))
    table.add(
      Row(
        figure: Figure("memory of 60 panes of a column, with quantiles", .kilobytes, targets: [.value(192)]),
        ours: deciding + merging, peer: .none))
  }

  /// In KB; nil where the system does not tell what the process holds.
  private static func growth<Window>(by make: () -> Window) -> Double? {
    let copies = 1_000
    // These fill what earlier work has left free.
    let others = (0..<copies).map { _ in make() }
    guard let before = Residency.kilobytes else { return nil }
    let windows = (0..<copies).map { _ in make() }
    guard let after = Residency.kilobytes else { return nil }
    keep((others, windows))
    return (after - before) / Double(copies)
  }
}

extension BenchmarkedWindow where Aggregate: Copied {
  fileprivate func filled(with summaries: [Aggregate], upTo end: Int) -> Self {
    var window = self
    for number in 0..<end { window.push(summaries[number].copied, number) }
    return window
  }
}

/// Summaries with memory of their own, as those that come from a log.
private protocol Copied {
  var copied: Self { get }
}

extension QuantileSketch: Copied where Value == Double {
  fileprivate var copied: Self { (try? QuantileSketch(decoding: encode())) ?? self }
}

extension TableSketch: Copied {
  fileprivate var copied: Self { TableSketch(layout, columns) }
}

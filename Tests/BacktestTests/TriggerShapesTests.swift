import Drift
import Events
import Testing

@testable import Backtest

/// Distributions before triggers, from panes.
@Suite("Trigger shapes")
struct TriggerShapesTests {
  private static let reference = ReferenceRecord(
    rows: 100, provisional: false,
    columns: [
      ColumnReferenceRecord(name: "x", edges: [1, 2], counts: [50, 30, 20], missing: 0),
      ColumnReferenceRecord(name: "k", levels: ["a"], counts: [90, 0, 0], missing: 10),
    ])

  private static func pane(
    _ start: Milliseconds, x: [Int], k: [Int] = [10, 0, 0], missing: Int = 0, version: Int = 1, facts: Bool = false
  ) -> PaneSummary {
    PaneSummary(
      model: "m", version: version, partition: 0, tick: start + 10, start: start, end: start + 10,
      rows: x.reduce(0, +),
      columns: [
        ColumnSummary(name: "x", count: x.reduce(0, +), missing: 0, invalid: 0, bins: x),
        ColumnSummary(name: "k", count: k.reduce(0, +), missing: missing, invalid: 1, bins: k),
      ],
      facts: facts ? VersionFacts(published: 0, task: "binary", reference: reference) : nil)
  }

  private static func trigger(
    _ time: Milliseconds, _ rule: String = "drift", column: String? = "x", cause: String? = nil, version: Int = 1
  ) -> Trigger {
    Trigger(
      id: "t\(time)", model: "m", time: time, rule: rule, cause: cause ?? "c\(time)", attempt: 1, version: version,
      column: column, rows: RowSet(before: time, partitions: []))
  }

  @Test("The window before the trigger is compared, and nothing before it", arguments: [0, 1, 5, 40])
  func window(panesBefore: Int) throws {
    var shapes = TriggerShapes(window: 100)
    shapes.add(Self.pane(-10_000, x: [1, 0, 0], facts: true))
    for index in 0..<panesBefore { shapes.add(Self.pane(Milliseconds(index) * 10 - 400, x: [7, 7, 7])) }
    for index in 0..<10 { shapes.add(Self.pane(Milliseconds(index) * 10, x: [0, index, 10 - index], missing: 2)) }
    shapes.add(Self.trigger(100), row: 70)
    shapes.add(Self.trigger(101, "performance", column: "k"), row: 71)
    let (first, second) = (try #require(shapes.shapes.first), try #require(shapes.shapes.last))
    #expect(first.row == 70 && first.rule == "drift" && first.column == "x" && first.rows == 100)
    #expect(first.bins.map(\.reference) == [0.5, 0.3, 0.2, 0] && first.bins.map(\.current) == [0, 0.45, 0.55, 0])
    #expect((first.distance - 0.5).magnitude < 1e-12)
    #expect(second.bins.map(\.bin) == ["a", "(other)", "(unseen)", "(missing)"])
    #expect(second.rows == 130 && second.bins[3].current == 30.0 / 130)
  }

  @Test("The largest differences stay, one of each cause, in order of rows")
  func largest() {
    var shapes = TriggerShapes(window: 10)
    shapes.add(Self.pane(0, x: [20, 12, 8], facts: true))
    for index in 1...20 {
      let start = Milliseconds(index) * 10
      shapes.add(Self.pane(start, x: [20 - index, 12, 8 + index]))
      shapes.add(Self.trigger(start + 10, cause: index > 15 ? "same" : nil), row: index)
    }
    #expect(shapes.shapes.map(\.row) == [11, 12, 13, 14, 15, 20])
  }

  @Test("What has no reference, no rows or another rule gives nothing")
  func nothing() {
    var shapes = TriggerShapes(window: 10)
    shapes.add(Self.trigger(5), row: 1)
    shapes.add(Self.pane(0, x: [1, 1, 1]))
    shapes.add(Self.trigger(10), row: 2)
    shapes.add(Self.pane(0, x: [1, 1, 1], facts: true))
    shapes.add(Self.trigger(10, "volume"), row: 3)
    shapes.add(Self.trigger(10, column: "unknown"), row: 4)
    shapes.add(Self.trigger(10, column: nil), row: 5)
    shapes.add(Self.trigger(10, version: 2), row: 6)
    #expect(shapes.shapes.isEmpty)
    shapes.add(Self.trigger(10), row: 7)
    #expect(shapes.shapes.map(\.row) == [7])
  }

  @Test("The detector's leading column goes first, with what it calls the change")
  func leading() throws {
    var shapes = TriggerShapes(window: 10)
    shapes.add(Self.pane(0, x: [1, 1, 8], facts: true))
    var trigger = Self.trigger(10, "performance", column: nil)
    trigger.drift = DriftRecord(
      model: "m", version: 1, time: 10, windowStart: 0, windowEnd: 10, rows: 10, findings: [],
      detector: DetectorRecord(
        state: "alarm", evidence: 1,
        columns: [
          ColumnEvidenceRecord(column: "(loss)", share: 0.6, change: "higher", onset: 0),
          ColumnEvidenceRecord(column: "x", share: 0.4, change: "more", bin: "3", onset: 0),
        ]))
    shapes.add(trigger, row: 1)
    #expect(shapes.shapes.first?.column == "x" && shapes.shapes.first?.change == "more 3")
  }
}

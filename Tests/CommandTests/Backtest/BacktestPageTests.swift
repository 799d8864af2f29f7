import Events
import Foundation
import Log
import Models
import TestSupport
import Testing

@testable import Backtest
@testable import leeway

/// The page of a backtest, from outcomes that are made for a test.
@Suite("Backtest page")
struct BacktestPageTests {
  private static let hostile = "<script>alert('&\"]]>\u{1b}\u{0}\u{202e}</script>" + String(repeating: "w", count: 300)

  private static func track(rows: Int, from first: Int, loss: Double?) -> ScoreTrack {
    var track = ScoreTrack(task: .regression, from: first)
    guard let loss else { return track }
    for row in first..<rows { track.add(.number(loss + Double(row % 7)), .number(0), row: row) }
    return track
  }

  private static func outcome(
    _ name: String, rows: Int = 600, loss: Double? = 1, triggers: Int = 0
  ) throws -> PolicyOutcome {
    var journal = PolicyJournal()
    for index in 0..<triggers {
      let rule = ["drift", "performance", "volume", hostile][index % 4]
      let trigger = Trigger(
        id: "t\(index)", model: "m", time: Milliseconds(index), rule: rule, cause: "c\(index)", attempt: 1,
        column: hostile, statistic: "psi", value: 0.5, threshold: 0.2, rows: RowSet(before: 0, partitions: []))
      try journal.take(
        .triggers, Record(timestamp: 0, value: trigger.encoded()[...]), row: 200 + index * (rows - 200) / triggers)
      let status: ModelStatus = [.champion, .rejected, .rolledBack, .inconclusive][index % 4]
      let version = ModelRecord(
        model: "m", version: index + 1, status: status, reason: hostile, time: 0, family: "f", task: "regression",
        configuration: "c", code: "c", seed: 0)
      try journal.take(.models, Record(timestamp: 0, value: version.encoded()[...]), row: 200 + index % (rows - 200))
    }
    return PolicyOutcome(
      name: name, rows: rows, journal: journal, track: track(rows: rows, from: 200, loss: loss))
  }

  private static func finding(_ column: Int) -> Events.Finding {
    let (name, value) = (column == 0 ? hostile : "column \(column)", Double(column))
    return Events.Finding(
      column: name, statistic: "psi", value: value, low: value, high: value, threshold: 10, critical: 0.1,
      referenceRows: 100, rows: 100, verdict: column > 10 ? "drift" : "clear")
  }

  private static func picture(columns: Int, readings: Int) throws -> PolicyPicture {
    var picture = PolicyPicture(model: "m", window: 100)
    for index in 0..<readings {
      let findings = (0..<columns).map { finding($0) }
      let record = DriftRecord(
        model: "m", version: 1, time: 0, windowStart: 0, windowEnd: 1, rows: 100, findings: findings)
      try picture.take(.drift, Record(timestamp: 0, value: record.encoded()[...]), 300 + index)
    }
    let reference = ReferenceRecord(
      rows: 10, provisional: false,
      columns: [
        ColumnReferenceRecord(
          name: hostile, levels: [String(hostile.prefix(40)), "b"], counts: [5, 5, 0, 0], missing: 0)
      ])
    let pane = PaneSummary(
      model: "m", version: 1, partition: 0, tick: 10, start: 0, end: 10, rows: 10,
      columns: [ColumnSummary(name: hostile, count: 10, missing: 0, invalid: 0, bins: [9, 1, 0, 0])],
      facts: VersionFacts(published: 0, task: "regression", reference: reference))
    try picture.take(.summaries, Record(timestamp: 0, value: SummaryRecord.pane(pane).encoded()[...]), 400)
    let trigger = Trigger(
      id: "t", model: "m", time: 10, rule: "drift", cause: "c", attempt: 1, version: 1, column: hostile,
      rows: RowSet(before: 0, partitions: []))
    try picture.take(.triggers, Record(timestamp: 0, value: trigger.encoded()[...]), 401)
    return picture
  }

  private static func page(
    _ outcomes: [PolicyOutcome], _ pictures: [(policy: String, picture: PolicyPicture)] = [], changes: [Int] = []
  ) -> String {
    let report = BacktestReport(PolicyComparison(outcomes), changes: changes, from: 200, seconds: nil)
    return BacktestPage(
      title: "Backtest of \(hostile)", source: hostile, report: report, outcomes: outcomes, pictures: pictures
    ).html()
  }

  /// Well-formed, with nothing from outside, no script, and a title in every picture.
  private static func check(_ page: String, pictures: Int) {
    let markup = Markup(page)
    #expect(markup.isWellFormed)
    #expect(markup.addresses.allSatisfy { $0.hasPrefix("#") })
    for address in Set(markup.addresses) { #expect(page.contains("id=\"\(address.dropFirst())\"")) }
    for word in ["http:", "https:", "url(", "@import", "<script", "onload", "nan", "inf\""] {
      #expect(!page.contains(word), "\(word)")
    }
    let images = page.components(separatedBy: "role=\"img\"").dropFirst()
    #expect(images.count == pictures, "\(images.count) pictures")
    for image in images {
      let inside = image.drop { $0 != ">" }.dropFirst()
      #expect(inside.hasPrefix("<title>") && !inside.hasPrefix("<title></title>"))
    }
    #expect(markup.elements["caption"] == markup.elements["table"])
  }

  @Test("Everything at once, with hostile names, is text")
  func full() throws {
    let outcomes = [
      try Self.outcome(Self.hostile, triggers: 60), try Self.outcome("never", loss: 2),
      try Self.outcome("oracle", loss: 0.5, triggers: 3),
    ]
    let pictures = [(policy: Self.hostile, picture: try Self.picture(columns: 75, readings: 40))]
    let page = Self.page(outcomes, pictures, changes: [100, 300, 500])
    // Losses, two regrets, a panel for each policy, a strip for each column, one distribution.
    Self.check(page, pictures: 3 + 3 + DriftTable.most + 1)
    #expect(page.contains("The 60 most drifted are shown, 15 are left out."))
    #expect(page.contains("40 of 60 triggers, alarms before others") && page.contains("by performance (15)"))
    for kind in ["published (15)", "rejected (15)", "rolled back (15)", "inconclusive (15)", "known change"] {
      #expect(page.contains(kind), "\(kind)")
    }
    #expect(page == Self.page(outcomes, pictures, changes: [100, 300, 500]))
  }

  @Test("One policy; no label; no row behind the history; many policies")
  func sparse() throws {
    let alone = Self.page([try Self.outcome("default")])
    Self.check(alone, pictures: 2)
    #expect(alone.contains("No policy compared columns with a reference."))
    #expect(alone.contains("Nothing was triggered by drift or performance."))
    let unlabelled = Self.page([try Self.outcome("default", loss: nil), try Self.outcome("never", loss: nil)])
    Self.check(unlabelled, pictures: 2)
    #expect(unlabelled.contains("No row was labelled: there is no loss to show."))
    Self.check(Self.page([try Self.outcome("default", rows: 200, loss: nil)]), pictures: 1)
    Self.check(Self.page([try Self.outcome("default", rows: 201)]), pictures: 2)
    let many = try (0..<70).map { try Self.outcome("policy \($0)", rows: 230, loss: Double($0)) }
    Self.check(Self.page(many), pictures: 71)
  }

  @Test("A longer recording makes no larger page")
  func size() throws {
    func size(_ factor: Int) throws -> Int {
      let outcomes = [
        try Self.outcome("default", rows: 1_000 * factor, triggers: 700 * factor),
        try Self.outcome("never", rows: 1_000 * factor),
      ]
      let pictures = [(policy: "default", picture: try Self.picture(columns: 12, readings: 300 * factor))]
      return Self.page(outcomes, pictures).utf8.count
    }
    let (short, long) = (try size(1), try size(5))
    #expect(long < short * 5 / 4, "\(short) and \(long) bytes")
  }

  @Test("The command writes the same page however many policies are tried at a time")
  func command() throws {
    let scratch = try Scratch()
    var file = MadeFile("\"<b>&\"\"x'\",k,label")
    file.add(700) { row, chance in
      let x = chance.normal() + (row < 350 ? 0 : 2)
      return "\(x),<script>\(Int(chance.unit() * 3)),\(x + chance.normal() > 1 ? 1 : 0)"
    }
    try scratch.write("f.csv", file.text)
    var pages: [String] = []
    for workers in ["1", "2"] {
      let result = try Run.leeway(
        "backtest", "--csv", "f.csv", "--label", "label", "--history-rows", "200", "--label-delay", "20",
        "--baselines", "never,oracle", "--changes", "350", "--workers", workers, "--html", "page.html",
        in: scratch.path)
      #expect(result.status == 0, "\(result.errors)")
      pages.append(try String(contentsOfFile: scratch.file("page.html"), encoding: .utf8))
    }
    #expect(pages[0] == pages[1])
    let markup = Markup(pages[0])
    #expect(markup.isWellFormed && markup.elements["script"] == nil && markup.elements["b"] == nil)
    #expect(markup.addresses.allSatisfy { $0.hasPrefix("#") })
    #expect(pages[0].contains("<title>&lt;b&gt;&amp;&quot;x'") && pages[0].contains("Backtest of f.csv"))
    let refused = try Run.leeway(
      "backtest", "--csv", "f.csv", "--label", "label", "--html", "absent/page.html", in: scratch.path)
    #expect(refused.status == 1 && refused.errors.contains("absent/page.html"))
  }

  @Test("No two of 64 policies look alike")
  func styles() {
    let styles = (0..<64).map { PolicyStyle($0) }
    #expect(Set(styles.map { "\($0.line) \($0.mark)" }).count == 64)
  }
}

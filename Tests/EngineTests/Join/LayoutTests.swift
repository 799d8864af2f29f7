import Events
import Log
import Models
import TestSupport
import Testing

@testable import Engine

/// Versions come and go, and what the stage knows of them with them.
struct LayoutTests {
  private static let versions = 300
  private static let intake = IntakeConfiguration(pane: 10, lateness: 0, labelHorizon: 20, futureSlack: 0)

  /// Versions differ in the order of their columns and in their bins.
  private static func facts(_ version: Int) -> VersionFacts {
    var record = References.record()
    record.columns[0].edges = edges(version)
    if version % 2 == 0 { record.columns.reverse() }
    return VersionFacts(published: Milliseconds(version), task: "binary", reference: record)
  }

  private static func edges(_ version: Int) -> [Double] { References.edges.map { $0 + Double(version % 3) / 2 } }

  private static func stage(_ directory: Directory? = nil) -> JoinStage {
    let all = (1...versions).map { ("m/\($0)", facts($0)) }
    return JoinStage(
      partition: 0,
      configuration: EngineConfiguration(
        inputPartitions: 1, intake: intake, models: [ModelConfiguration(name: "m", task: .binary)]),
      versions: directory ?? Directory(Dictionary(uniqueKeysWithValues: all)), firstFreeNumber: 0)
  }

  /// A version a pane, beside which older ones come back.
  private static func predictions(seed: UInt64) -> [Prediction] {
    var random = SplitMix64(seed: seed)
    return (0..<6 * versions).map { number in
      let newest = number / 6 + 1
      let version = Bool.random(using: &random) ? newest : Int.random(in: 1...newest, using: &random)
      let features = [
        Feature(name: "x", value: .number(.random(in: -3...3, using: &random))),
        Feature(name: "c", value: .category("red")),
      ]
      return Prediction(
        id: "p\(number)", model: "m", version: version, time: Milliseconds(10 * (newest - 1) + number % 6),
        features: features, score: .number(0.5))
    }
  }

  private static func harness(_ predictions: [Prediction], _ stage: JoinStage) -> StageHarness<JoinStage> {
    let last = predictions.count
    let watermarks = (0...versions + 5).map { pane in
      Watermark(
        partition: 0, time: Milliseconds(10 * pane),
        offsets: [
          TopicOffset(topic: "predictions", offset: Int64(min(6 * pane, last))),
          TopicOffset(topic: "labels", offset: 0),
        ])
    }
    return StageHarness(
      stage,
      inputs: [
        .predictions: stored(predictions) { _ in 1_000_000 }, .labels: [],
        .watermarks: stored(watermarks) { $0.time },
      ])
  }

  private static func check(_ harness: StageHarness<JoinStage>, _ predictions: [Prediction]) throws {
    #expect(try harness.read(.deadletters, as: DeadLetter.self).isEmpty)
    let expected = Dictionary(grouping: predictions) { [$0.time / 10 * 10, Milliseconds($0.version ?? 0)] }
    var panes = 0
    for case .pane(let pane) in try harness.read(.summaries, as: SummaryRecord.self) {
      panes += 1
      let rows = try #require(expected[[pane.start, Milliseconds(pane.version)]])
      let numbers = rows.compactMap { if case .number(let number) = $0.features[0].value { number } else { nil } }
      let (x, c) = pane.version % 2 == 0 ? (pane.columns[1], pane.columns[0]) : (pane.columns[0], pane.columns[1])
      #expect(pane.rows == rows.count && x.name == "x" && c.name == "c")
      #expect(x.bins == SummarizeTests.histogram(numbers, edges(pane.version)))
      #expect(c.bins == [rows.count, 0, 0, 0])
    }
    #expect(panes == expected.count)
  }

  /// In whatever pieces the records are polled: the newest may be far ahead of those that are taken.
  @Test(arguments: [1, 7, 60, 2_000]) func manyVersions(poll: Int) throws {
    let predictions = Self.predictions(seed: UInt64(poll))
    var harness = Self.harness(predictions, Self.stage())
    var random = SplitMix64(seed: 9)
    var most = 0
    while harness.left(of: .predictions) > 0 || harness.left(of: .watermarks) > 0 {
      try harness.poll(.predictions, poll)
      try harness.poll(.watermarks, .random(in: 0...max(1, poll / 3), using: &random))
      most = max(most, harness.stage.layouts.count)
    }
    try Self.check(harness, predictions)
    #expect(most >= LayoutTable.kept && (poll > 7 || most == LayoutTable.kept), "\(most)")
  }

  @Test func restarts() throws {
    let predictions = Self.predictions(seed: 5)
    var harness = Self.harness(predictions, Self.stage())
    while harness.left(of: .predictions) > 0 || harness.left(of: .watermarks) > 0 {
      try harness.poll(.predictions, 13)
      try harness.poll(.watermarks, 2)
      if harness.left(of: .predictions) % 5 == 0 { try harness.restart(Self.stage()) }
    }
    try Self.check(harness, predictions)
  }

  /// A log exchanged beneath its checkpoints: rows counted over other bins are told of, not mixed with what follows.
  @Test func panesOverOtherBins() throws {
    let predictions = (0..<5).map { number in
      Prediction(
        id: "p\(number)", model: "m", version: 1, time: Milliseconds(number),
        features: [Feature(name: "c", value: .category("red"))], score: .number(0.5))
    }
    func stage(levels: [String]) -> JoinStage {
      var facts = References.facts()
      facts.reference.columns[1].levels = levels
      return Self.stage(Directory(["m/1": facts]))
    }
    for (levels, kept) in [(["red", "green"], 5), (["green", "red"], 2), (["red", "blue"], 2)] {
      var harness = Self.harness(predictions, stage(levels: ["red", "green"]))
      try harness.poll(.watermarks, 2)
      try harness.poll(.predictions, 3)
      try harness.restart(stage(levels: levels))
      try harness.finish()
      let letters = try harness.read(.deadletters, as: DeadLetter.self)
      #expect(letters.map(\.code) == (kept == 5 ? [] : ["stale_panes"]), "\(levels)")
      #expect(letters.allSatisfy { $0.reason.hasPrefix("3 rows") })
      for case .pane(let pane) in try harness.read(.summaries, as: SummaryRecord.self) {
        let bins = levels.map { $0 == "red" ? kept : 0 } + [0, 0]
        #expect(pane.rows == kept && pane.columns[1].bins == bins, "\(levels)")
      }
    }
  }
}

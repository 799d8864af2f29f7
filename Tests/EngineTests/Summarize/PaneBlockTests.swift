import Events
import Log
import Models
import TestSupport
import Testing

@testable import Engine

/// Panes of more rows than a block: what was polled together, restarts in their midst and the form of the events must
/// not show.
struct PaneBlockTests {
  private static let rows = 2 * RowBuffer.block + 300
  private static let intake = IntakeConfiguration(
    pane: 10_000, sketch: 10_000, lateness: 0, labelHorizon: 1_000, futureSlack: 0)

  private static func predictions(seed: UInt64) -> [Prediction] {
    var random = SplitMix64(seed: seed)
    func pick<T>(_ values: [T]) -> T { values[Int.random(in: values.indices, using: &random)] }
    return (0..<rows).map { number in
      let x: FeatureValue = pick([.number(.random(in: -3...3, using: &random)), .number(0.5), .missing, .category("t")])
      let c: FeatureValue = pick([
        .category("red"), .category("green"), .category("rare"), .category("new"), .number(7),
      ])
      var features = [Feature(name: "x", value: x), Feature(name: "c", value: c)]
      if pick([true, false, false]) { features.reverse() }
      return Prediction(
        id: "p\(number)", model: "m", version: pick([1, 1, 2]), time: Milliseconds(number % 7_000), features: features,
        score: pick([.number(0.25), .probabilities([0.25, 0.75]), .category("1")]))
    }
  }

  private static func stage() -> JoinStage {
    JoinStage(
      partition: 0,
      configuration: EngineConfiguration(
        inputPartitions: 1, intake: intake, models: [ModelConfiguration(name: "m", task: .binary)]),
      versions: Directory(["m/1": References.facts(published: 1), "m/2": References.facts(published: 2)]),
      firstFreeNumber: 0)
  }

  private static func harness(_ values: [[UInt8]]) -> StageHarness<JoinStage> {
    let watermark = Watermark(
      partition: 0, time: 50_000,
      offsets: [
        TopicOffset(topic: "predictions", offset: Int64(values.count)), TopicOffset(topic: "labels", offset: 0),
      ])
    return StageHarness(
      stage(),
      inputs: [
        .predictions: values.enumerated().map { stored($0, $1, at: 10_000) },
        .watermarks: stored([watermark]) { $0.time },
      ])
  }

  @Test(arguments: 0..<4 as Range<UInt64>) func nothingOfTheReadingShows(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let predictions = Self.predictions(seed: seed)
    let json = predictions.map { $0.encoded() }
    var whole = Self.harness(json)
    try whole.finish()
    let summaries = try whole.read(.summaries, as: SummaryRecord.self)
    let sketches = try whole.read(.sketches, as: SketchRecord.self)
    let mixed = try predictions.enumerated().map { number, prediction in
      number % 3 == 0 ? json[number] : try #require(BinaryEvent.encode(prediction))
    }
    for values in [json, mixed] {
      var harness = Self.harness(values)
      try harness.poll(.watermarks)
      while harness.left(of: .predictions) > 0 {
        try harness.poll(.predictions, .random(in: 1...700, using: &random))
        guard Bool.random(using: &random) else { continue }
        try harness.restart(Self.stage())
        try harness.poll(.watermarks)
      }
      #expect(try harness.read(.summaries, as: SummaryRecord.self) == summaries)
      #expect(try harness.read(.sketches, as: SketchRecord.self) == sketches)
    }
    for case .pane(let pane) in summaries {
      check(pane, predictions.filter { $0.version == pane.version })
    }
    #expect(summaries.count { if case .pane = $0 { true } else { false } } == 2)
  }

  /// Counts of a pane against plain loops.
  private func check(_ pane: PaneSummary, _ rows: [Prediction]) {
    func values(_ name: String) -> [FeatureValue] {
      rows.map { row in row.features.first { $0.name == name }?.value ?? .missing }
    }
    let numbers = values("x").compactMap { if case .number(let number) = $0 { number } else { nil } }
    let column = pane.columns[0]
    #expect(pane.rows == rows.count && column.count == numbers.count)
    #expect(column.bins == SummarizeTests.histogram(numbers, References.edges))
    #expect(SummarizeTests.fits(column.moments, numbers))
    #expect(column.missing == values("x").count { $0 == .missing })
    #expect(column.invalid == values("x").count { $0 == .category("t") })
    func rowsOf(_ level: FeatureValue) -> Int { values("c").count { $0 == level } }
    let unseen = [rowsOf(.category("new")), rowsOf(.number(7))]
    let known = ["red", "green", "rare"].map { rowsOf(.category($0)) }
    #expect(pane.columns[1].bins == known + [unseen[0] + unseen[1]])
    #expect(Set(pane.columns[1].unseen.map(\.count)) == Set(unseen))
  }
}

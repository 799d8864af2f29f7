import Events
import Log
import Models
import TestSupport
import Testing

@testable import Engine

/// A stage whose examples and sketches nobody wants keeps less and computes less, and says the same of everything else.
struct UnwantedTests {
  private static let intake = IntakeConfiguration(
    pane: 5, sketch: 10, lateness: 4, labelHorizon: 12, futureSlack: 0, maximumOpen: 6)

  /// Few ids and times, so that labels come early, late, twice and not at all.
  private static func inputs(_ random: inout SplitMix64) throws -> [Topic: [StoredRecord]] {
    func times(_ count: Int) -> [Milliseconds] {
      (0..<count).map { _ in Milliseconds.random(in: 0...60, using: &random) }.sorted()
    }
    let scores: [Score?] = [.number(0.25), .probabilities([0.1, 0.9]), .category("1"), nil]
    let predictions = try times(40).map { time in
      let prediction = Prediction(
        id: "p\(Int.random(in: 0..<25, using: &random))", model: "m", version: 1, time: time,
        features: [Feature(name: "x", value: .number(1)), Feature(name: "c", value: .category("red"))],
        score: scores[Int.random(in: 0..<4, using: &random)])
      let isBinary = Bool.random(using: &random)
      return (time, isBinary ? try #require(BinaryEvent.encode(prediction)) : prediction.encoded())
    }
    let labels = times(40).map { Label.plain("p\(Int.random(in: 0..<25, using: &random))", at: $0) }
    let watermark = Watermark(
      partition: 0, time: 200,
      offsets: ["predictions", "labels"].map { TopicOffset(topic: $0, offset: 40) })
    return [
      .predictions: predictions.enumerated().map { stored($0, $1.1, at: $1.0) }, .labels: stored(labels) { $0.time },
      .watermarks: stored([watermark]) { $0.time },
    ]
  }

  private static func stage(_ unwanted: Set<Topic>) -> JoinStage {
    JoinStage(
      partition: 0,
      configuration: EngineConfiguration(
        inputPartitions: 1, intake: intake, models: [ModelConfiguration(name: "m", task: .binary)]),
      versions: Directory(["m/1": References.facts()]), firstFreeNumber: 0, unwanted: unwanted)
  }

  @Test(arguments: 0..<60 as Range<UInt64>) func nothingElseChanges(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let inputs = try Self.inputs(&random)
    var whole = StageHarness(Self.stage([]), inputs: inputs)
    try whole.finish()
    let summaries = try whole.read(.summaries, as: SummaryRecord.self)
    #expect(summaries.contains { if case .judged(let pane) = $0 { pane.rows > 0 } else { false } })
    #expect(summaries.contains { if case .judged(let pane) = $0 { pane.expired > 0 } else { false } })
    var harness = StageHarness(Self.stage([.examples, .sketches]), inputs: inputs)
    while harness.left(of: .predictions) + harness.left(of: .labels) > 0 {
      let topic = Bool.random(using: &random) ? Topic.predictions : .labels
      try harness.poll(topic, .random(in: 0...6, using: &random))
      if Int.random(in: 0..<4, using: &random) == 0 { try harness.restart(Self.stage([.examples, .sketches])) }
    }
    try harness.poll(.watermarks)
    #expect(try harness.read(.summaries, as: SummaryRecord.self) == summaries)
    let letters = try whole.read(.deadletters, as: DeadLetter.self)
    #expect(try harness.read(.deadletters, as: DeadLetter.self) == letters)
    #expect(try harness.read(.sketches, as: SketchRecord.self).isEmpty)
  }
}

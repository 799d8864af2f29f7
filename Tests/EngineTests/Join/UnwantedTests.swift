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

  private static func stage(
    _ unwanted: Set<Topic>, absent: Set<Topic> = [], _ intake: IntakeConfiguration = intake
  ) -> JoinStage {
    JoinStage(
      partition: 0,
      configuration: EngineConfiguration(
        inputPartitions: 1, intake: intake, models: [ModelConfiguration(name: "m", task: .binary)]),
      versions: Directory(["m/1": References.facts()]), firstFreeNumber: 0, unwanted: unwanted, absent: absent)
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

  @Test("A large event is kept whole, so that an example too large to be written is refused all the same")
  func largeEvents() throws {
    // In JSON each of these characters takes six bytes.
    let text = String(repeating: "\u{1}", count: Limits.textBytes)
    let predictions = [("small", 0), ("large", 6), ("too large", 60)].enumerated().map { offset, event in
      let texts = (0..<event.1).map { Feature(name: "text \($0)", value: .category(text)) }
      let prediction = Prediction(
        id: event.0, model: "m", version: 1, time: 1, features: [Feature(name: "x", value: .number(1))] + texts,
        score: .number(0.25))
      return stored(offset, BinaryEvent.encode(prediction), at: 1)
    }
    let labels = ["small", "large", "too large"].map { Label.plain($0, at: 2) }
    let watermark = Watermark(
      partition: 0, time: 200, offsets: ["predictions", "labels"].map { TopicOffset(topic: $0, offset: 3) })
    let inputs: [Topic: [StoredRecord]] = [
      .predictions: predictions, .labels: stored(labels) { $0.time }, .watermarks: stored([watermark]) { $0.time },
    ]
    let harnesses = try [[], [.examples, .sketches]].map { (unwanted: Set<Topic>) in
      var harness = StageHarness(Self.stage(unwanted), inputs: inputs)
      try harness.finish()
      return harness
    }
    let examples = try harnesses[0].read(.examples, as: ExampleRecord.self)
    #expect(examples.count { if case .example = $0 { true } else { false } } == 2)
    let letters = try harnesses.map { try $0.read(.deadletters, as: DeadLetter.self) }
    #expect(letters[0].map(\.code) == ["too_large"] && letters[1] == letters[0])
    let summaries = try harnesses.map { try $0.read(.summaries, as: SummaryRecord.self) }
    #expect(summaries[1] == summaries[0])
  }

  @Test("Topics that nothing comes of are as good as those of which a watermark says so", arguments: [false, true])
  func absentTopics(featuresTopic: Bool) throws {
    var intake = Self.intake
    intake.featuresTopic = featuresTopic
    for seed in 0..<30 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var inputs = try Self.inputs(&random)
      inputs[.labels] = []
      if featuresTopic {
        inputs[.predictions] = try #require(inputs[.predictions]).map { stored in
          var prediction = try Prediction.decode(try #require(stored.record.value))
          prediction.entity = "someone"
          return EngineTests.stored(Int(stored.offset), prediction.encoded(), at: stored.record.timestamp)
        }
      }
      let silent = intake.topics.filter { $0 != .predictions }
      let offsets = intake.topics.map { TopicOffset(topic: $0.rawValue, offset: $0 == .predictions ? 40 : 0) }
      inputs[.watermarks] = stored([Watermark(partition: 0, time: 200, offsets: offsets)]) { $0.time }
      var waiting = StageHarness(Self.stage([], intake), inputs: inputs)
      try waiting.finish()
      var harness = StageHarness(Self.stage([], absent: Set(silent), intake), inputs: inputs)
      try harness.poll(.predictions)
      #expect(harness.stage.positions[.predictions] == 40)
      try harness.poll(.watermarks)
      let said = harness.written.mapValues { $0.map(\.value) }
      let isSame = said == waiting.written.mapValues { $0.map(\.value) }
      #expect(isSame && !said.isEmpty)
    }
  }
}

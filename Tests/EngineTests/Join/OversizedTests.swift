import Bytes
import Events
import Log
import Models
import Testing

@testable import Engine

/// Events that only the stage itself has made too large, or that it cannot read again: each ends as a letter, and the
/// stream goes on.
struct OversizedTests {
  private static let now = BadInputTests.now

  private static func update(_ entity: String, _ prefix: String, names: Int, _ value: FeatureValue) -> Record {
    let features = (0..<names).map { Feature(name: "\(prefix)\($0)", value: value) }
    return record(FeatureUpdate(entity: entity, time: now - 1, features: features), at: now - 1)
  }

  /// Letters and ids of examples, after a prediction and its label of each entity.
  private static func outcome(
    _ updates: [Record], entities: [String]
  ) throws -> (letters: [DeadLetter], examples: [Example], counts: ModelCounts) {
    let log = try TestLog(BadInputTests.configuration(featuresTopic: true))
    let worker = try log.joinWorker()
    try log.append(.features, 0, updates)
    for entity in entities {
      try log.append(.predictions, 0, [record(Prediction.plain(entity, at: now, entity: entity), at: now)])
      try log.append(.labels, 0, [record(Label.plain(entity, at: now + 5), at: now + 5)])
    }
    try BadInputTests.settle(worker, at: now + 100_000)
    let examples = try log.read(.examples, as: ExampleRecord.self).compactMap {
      if case .example(let example) = $0 { example } else { nil }
    }
    return (try log.read(.deadletters, as: DeadLetter.self), examples, try BadInputTests.counts(in: log))
  }

  @Test func moreJoinedFeaturesThanAnEventMayHave() throws {
    let updates = ["a", "b"].flatMap { prefix in
      [
        Self.update("full", prefix, names: Limits.features / 2, .number(1)),
        Self.update("over", prefix, names: Limits.features / 2, .number(1)),
      ]
    }
    let one = Self.update("over", "c", names: 1, .number(1))
    let (letters, examples, counts) = try Self.outcome(updates + [one], entities: ["over", "full", "none"])
    #expect(letters.map(\.code) == ["too_large"] && letters.map(\.topic) == ["predictions"])
    #expect(letters.map(\.offset) == [0])
    #expect(examples.map(\.id) == ["full", "none"] && examples.map(\.seq) == [0, 1])
    #expect(examples.map(\.features.count) == [Limits.features, 0])
    #expect(counts == ModelCounts(model: "m", predictions: 2, examples: 2, orphanLabels: 1))
  }

  @Test func moreJoinedBytesThanAnEventMayHave() throws {
    let text = String(repeating: "t", count: Limits.textBytes)
    let updates = ["a", "b"].map { Self.update("over", $0, names: 130, .category(text)) }
    let (letters, examples, _) = try Self.outcome(updates, entities: ["over", "none"])
    #expect(letters.map(\.code) == ["too_large"] && letters.map(\.topic) == ["predictions"])
    #expect(examples.map(\.id) == ["none"])
  }

  /// A snapshot may hold what another build took for an event.
  @Test func whatIsKeptCannotBeReadAgain() throws {
    func stage() -> JoinStage {
      JoinStage(
        partition: 0, configuration: BadInputTests.configuration(), versions: Directory(), firstFreeNumber: 0)
    }
    let predictions = [("spoilt", 0), ("good", 0), ("later", 50)].map { Prediction.plain($0, at: Self.now + $1) }
    let labels = ["spoilt", "good"].map { Label.plain($0, at: Self.now + 5) }
    var harness = StageHarness(
      stage(),
      inputs: [
        .predictions: stored(predictions) { $0.time },
        .labels: [stored(0, nil, at: Self.now)]
          + stored(labels) { $0.time }.map {
            StoredRecord(offset: $0.offset + 1, record: $0.record)
          },
        .watermarks: stored([
          Watermark(partition: 0, time: Self.now + 1, offsets: [TopicOffset(topic: "labels", offset: 1)])
        ]) { $0.time },
      ])
    try harness.poll(.predictions, 2)
    try harness.poll(.labels, 1)
    try harness.poll(.watermarks)
    var writer = ByteWriter()
    harness.stage.encodeState(into: &writer)
    let event = predictions[0].encoded()
    var bytes = writer.bytes
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: event) })
    bytes[place] = UInt8(ascii: "?")
    let positions = harness.stage.positions
    #expect(positions[.predictions] == 2)
    var reader = ByteReader(bytes)
    harness.stage = stage()
    try harness.stage.restoreState(from: &reader)
    harness.stage.start(at: positions)
    try harness.poll(.labels)
    try harness.poll(.predictions)
    let letters = try harness.read(.deadletters, as: DeadLetter.self).filter { $0.code != "null_value" }
    #expect(letters.map(\.code) == ["not_json"] && letters.map(\.topic) == ["labels"] && letters.map(\.offset) == [1])
    let examples = try harness.read(.examples, as: ExampleRecord.self).compactMap {
      if case .example(let example) = $0 { example } else { nil }
    }
    #expect(examples.map(\.id) == ["good"] && examples.map(\.seq) == [0])
  }
}

import Drift
import Events
import Log
import Models
import Sketches
import TestSupport
import Testing

@testable import Engine

/// Categories that serving systems send as numbers, beside a reference that was made of numbers or of their texts.
struct CategoryNumberTests {
  private static let rows = 1_500

  /// A campaign from 1 to 4, and a number whose mean depends on it.
  private static func values() -> [(campaign: Double, x: Double)] {
    var random = SplitMix64(seed: 1)
    return (0..<rows).map { _ in
      let campaign = Double(Int.random(in: 1...4, using: &random))
      return (campaign, 2 * campaign + .random(in: -1...1, using: &random))
    }
  }

  private static func reference(_ rows: [[ColumnValue]]) -> Reference {
    var builder = ReferenceBuilder(
      columns: [ColumnSchema(name: "campaign", kind: .category), ColumnSchema(name: "x", kind: .numeric)], joint: true)
    for row in rows { builder.add(row) }
    return builder.finish()
  }

  private static func pane(_ reference: Reference, _ events: [[UInt8]]) throws -> PaneSummary {
    let intake = IntakeConfiguration(pane: 10_000, lateness: 0, labelHorizon: 1_000, futureSlack: 0)
    let facts = VersionFacts(published: 1, task: "binary", reference: ReferenceRecord(reference))
    let stage = JoinStage(
      partition: 0,
      configuration: EngineConfiguration(
        inputPartitions: 1, intake: intake, models: [ModelConfiguration(name: "m", task: .binary)]),
      versions: Directory(["m/1": facts]), firstFreeNumber: 0)
    let watermark = Watermark(
      partition: 0, time: 50_000,
      offsets: [
        TopicOffset(topic: "predictions", offset: Int64(events.count)), TopicOffset(topic: "labels", offset: 0),
      ])
    var harness = StageHarness(
      stage,
      inputs: [
        .predictions: events.enumerated().map { stored($0, $1, at: 10_000) },
        .watermarks: stored([watermark]) { $0.time },
      ])
    try harness.finish()
    let panes = try harness.read(.summaries, as: SummaryRecord.self).compactMap {
      if case .pane(let pane) = $0 { pane } else { nil }
    }
    #expect(panes.count == 1)
    return try #require(panes.first)
  }

  @Test func equalDataGivesEqualCounts() throws {
    let values = Self.values()
    let numbers = values.map { [ColumnValue.number($0.campaign), .number($0.x)] }
    let reference = Self.reference(numbers)
    #expect(!reference.derived.isEmpty)
    var expected = reference.derived.map { ColumnSketch(binning: $0.column.binning) }
    for row in numbers {
      for (index, column) in reference.derived.enumerated() {
        expected[index].add(column.derivation.value(row: row, time: 0, hash: 0))
      }
    }
    func predictions(_ campaign: (Double) -> FeatureValue) -> [Prediction] {
      values.enumerated().map { number, row in
        Prediction(
          id: "p\(number)", model: "m", version: 1, time: Milliseconds(number), entity: nil,
          features: [
            Feature(name: "campaign", value: campaign(row.campaign)), Feature(name: "x", value: .number(row.x)),
          ], score: .number(0.5))
      }
    }
    let sent = predictions { .number($0) }
    let forms = [
      sent.map { $0.encoded() }, sent.compactMap { BinaryEvent.encode($0) },
      predictions { .category("\(Int($0))") }.map { $0.encoded() },
    ]
    for events in forms {
      let pane = try Self.pane(reference, events)
      #expect(pane.columns[0].bins == reference.columns[0].counts && pane.columns[0].unseen.isEmpty)
      #expect(pane.derived.map(\.bins) == expected.map(\.bins))
      #expect(pane.derived.map(\.count) == expected.map(\.count))
    }
  }

  @Test("the scanner and the sketches spell a number alike") func spelling() throws {
    var random = SplitMix64(seed: 2)
    for round in 0..<2_000 {
      let number: Double =
        switch round % 4 {
        case 0: Double(Int.random(in: -1_000...1_000, using: &random))
        case 1: Double(Int.random(in: -100_000...100_000, using: &random)) / 100
        case 2: Double(bitPattern: random.next() & 0x7fdf_ffff_ffff_ffff)
        default: (Double.random(in: 0x1p52...0x1p54, using: &random)).rounded()
        }
      var scanner = EventScanner()
      let schema = EventSchema(
        columns: [EventSchema.Column(name: "c", kind: .category(levels: [ColumnValue.level(of: number)]))])
      _ = scanner.register(schema, model: "m", version: 1)
      let features = [Feature(name: "c", value: .number(number))]
      let event = Prediction(id: "a", model: "m", version: 1, time: 0, features: features)
      _ = try scanner.scan(event.encoded()[...])
      #expect(scanner.row == [0], "\(number)")
    }
  }
}

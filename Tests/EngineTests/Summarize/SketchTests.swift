import Events
import Log
import Models
import Sketches
import TestSupport
import Testing

@testable import Engine

/// What is written to `sketches`, against plain loops over the same rows.
struct SketchTests {
  private static let stretch: Milliseconds = 30_000
  private static let rows = 9_000

  private static let predictions: [Prediction] = {
    var random = SplitMix64(seed: 11)
    return (0..<rows).map { number in
      let x: FeatureValue =
        number % 10 == 0
        ? [.missing, .category("t"), .number(1e300)][number / 10 % 3]
        : .number(.random(in: -3...3, using: &random))
      let c: FeatureValue = [.category("red"), .category("green"), .category("new\(number % 5)"), .number(7)][
        number % 4]
      return Prediction(
        id: "p\(number)", model: "m", version: 1 + number % 2, time: Milliseconds(number * 10),
        features: [Feature(name: "x", value: x), Feature(name: "c", value: c)],
        score: .number(.random(in: 0...1, using: &random)))
    }
  }()

  private static func sketches(every sketch: Milliseconds?) throws -> [SketchRecord] {
    let intake = IntakeConfiguration(pane: 10_000, sketch: sketch, lateness: 0, labelHorizon: 1_000, futureSlack: 0)
    let stage = JoinStage(
      partition: 0,
      configuration: EngineConfiguration(
        inputPartitions: 1, intake: intake, models: [ModelConfiguration(name: "m", task: .binary)]),
      versions: Directory(["m/1": References.facts(published: 1), "m/2": References.facts(published: 2)]),
      firstFreeNumber: 0)
    let offsets = [
      TopicOffset(topic: "predictions", offset: Int64(rows)), TopicOffset(topic: "labels", offset: 0),
    ]
    var harness = StageHarness(
      stage,
      inputs: [
        .predictions: predictions.enumerated().map { stored($0, $1.encoded(), at: $1.time) },
        .watermarks: stored([Watermark(partition: 0, time: 90_000, offsets: offsets)]) { $0.time },
      ])
    try harness.finish()
    return try harness.read(.sketches, as: SketchRecord.self)
  }

  @Test func aRecordForEachSketchOfEachStretch() throws {
    let records = try Self.sketches(every: Self.stretch)
    let places = records.map { "\($0.start)-\($0.end)/\($0.version)/\($0.column)/\($0.kind.rawValue)" }
    let expected = [0, 30_000, 60_000].flatMap { start in
      [1, 2].flatMap { version in
        ["x/kll", "c/hyperloglog", "c/frequent_items", "(prediction)/kll"].map {
          "\(start)-\(start + 30_000)/\(version)/\($0)"
        }
      }
    }
    #expect(places == expected)
    for record in records {
      let rows = Self.predictions.filter {
        $0.version == record.version && $0.time >= record.start && $0.time < record.end
      }
      try check(record, rows)
    }
  }

  @Test func noneWhereNoneAreWanted() throws {
    #expect(try Self.sketches(every: nil).isEmpty)
  }

  /// A stretch is a whole number of panes, at least one.
  @Test(arguments: [(1, 10_000), (10_000, 10_000), (25_000, 20_000)] as [(Milliseconds, Milliseconds)])
  func stretchesAreWholePanes(asked: Milliseconds, given: Milliseconds) {
    #expect(IntakeConfiguration(pane: 10_000, sketch: asked).sketch == given)
  }

  private func check(_ record: SketchRecord, _ rows: [Prediction]) throws {
    switch (record.kind, record.column) {
    case (.kll, "x"):
      let numbers = rows.compactMap { number($0.features[0].value) }.filter { $0.magnitude <= SketchLimits.magnitude }
      try check(QuantileSketch(decoding: record.sketch), record, numbers.sorted())
    case (.kll, _):
      let scores = rows.compactMap { if case .number(let score)? = $0.score { score } else { nil } }
      try check(QuantileSketch(decoding: record.sketch), record, scores.sorted())
    case (.hyperloglog, _):
      let levels = Set(rows.map { level($0.features[1].value) })
      let estimate = try DistinctSketch(decoding: record.sketch).estimate
      #expect(record.rows == rows.count && estimate.rounded() == Double(levels.count))
    case (.frequentItems, _):
      let counts = Dictionary(grouping: rows.map { level($0.features[1].value) }) { $0 }.mapValues(\.count)
      let items = try FrequentItems(decoding: record.sketch)
      #expect(record.rows == rows.count && items.itemCount == counts.count)
      for (level, count) in counts { #expect(items.lowerBound(of: level) == count && items.isExact) }
    }
  }

  private func check(_ sketch: QuantileSketch<Double>, _ record: SketchRecord, _ sorted: [Double]) {
    #expect(record.rows == sorted.count && sketch.count == sorted.count)
    #expect(sketch.minimum == sorted.first && sketch.maximum == sorted.last)
    for place in stride(from: 0, to: sorted.count, by: 50) {
      let rank = Double(place + 1) / Double(sorted.count)
      let estimate = sketch.rank(of: sorted[place]) ?? .nan
      #expect(abs(estimate - rank) < 2 * sketch.normalizedRankError())
    }
  }

  private func number(_ value: FeatureValue) -> Double? {
    if case .number(let number) = value { number } else { nil }
  }

  private func level(_ value: FeatureValue) -> String {
    switch value {
    case .category(let level): level
    case .number(let number): "\(Int(number))"
    case .missing: ""
    }
  }
}

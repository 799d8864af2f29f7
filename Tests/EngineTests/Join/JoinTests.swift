import Events
import Log
import Models
import Simulation
import TestSupport
import Testing

@testable import Engine

/// Join against a plain computation over the whole input, for seeded inputs and many ways of reading them.
struct JoinTests {
  static let end: Milliseconds = 500
  /// In the order in which records of the same time count.
  private static let lanes = ["features", "predictions", "labels"]

  struct Input {
    let intake: IntakeConfiguration
    var predictions: [Prediction] = []
    var labels: [Label] = []
    var features: [FeatureUpdate] = []

    /// Few ids and times, so that everything that can go wrong does: duplicates, labels before predictions, orphans,
    /// late predictions, times on both sides of the horizon.
    init(seed: UInt64, featuresTopic: Bool) {
      var random = SplitMix64(seed: seed)
      func pick<T>(_ values: [T]) -> T { values[Int.random(in: values.indices, using: &random)] }
      intake = IntakeConfiguration(
        pane: pick([1, 5, 7]), lateness: pick([0, 4, 15]), labelHorizon: pick([0, 6, 20]), futureSlack: 0,
        featuresTopic: featuresTopic, featureTimeToLive: pick([3, 12, 1_000]))
      let sorted = pick([true, false])
      func times(_ count: Int) -> [Milliseconds] {
        let times = (0..<count).map { _ in Milliseconds.random(in: -10...40, using: &random) }
        return sorted ? times.sorted() : times
      }
      predictions = times(14).map { time in
        Prediction.plain(
          "p\(Int.random(in: 0..<9, using: &random))", at: time, entity: featuresTopic ? pick(["a", "b"]) : nil,
          features: pick([[], [Feature(name: "x", value: .number(-1))]]))
      }
      labels = times(12).enumerated().map {
        .plain("p\(Int.random(in: 0..<9, using: &random))", at: $1, Double($0 % 2))
      }
      guard featuresTopic else { return }
      features = times(15).enumerated().map { index, time in
        FeatureUpdate(
          entity: pick(["a", "b"]), time: time,
          features: [Feature(name: pick(["x", "y", "z"]), value: .number(Double(index)))])
      }
    }

    var expected: PlainJoin {
      var plain = PlainJoin(intake)
      let lanes = [
        arrivals(features, \.time) { .features($0) }, arrivals(predictions, \.time) { .prediction($0) },
        arrivals(labels, \.time) { .label($0) },
      ]
      // A watermark behind everything.
      let mark = PlainJoin.Mark(offset: 0, time: JoinTests.end, starts: lanes.map { Int64($0.count) })
      plain.run(PlainJoin.order(lanes, marks: [mark]))
      return plain
    }

    private func arrivals<Event>(
      _ events: [Event], _ time: (Event) -> Milliseconds, _ wrap: (Event) -> PlainJoin.Event
    ) -> [PlainJoin.Arrival] {
      events.enumerated().map {
        PlainJoin.Arrival(offset: Int64($0.offset), time: time($0.element), wrap($0.element))
      }
    }

    /// A harness whose input ends with a watermark at `end`.
    var harness: StageHarness<JoinStage> {
      let watermark = Watermark(
        partition: 0, time: JoinTests.end,
        offsets: [
          TopicOffset(topic: "predictions", offset: Int64(predictions.count)),
          TopicOffset(topic: "labels", offset: Int64(labels.count)),
          TopicOffset(topic: "features", offset: Int64(features.count)),
        ])
      return StageHarness(
        stage,
        inputs: [
          .predictions: stored(predictions) { $0.time }, .labels: stored(labels) { $0.time },
          .features: stored(features) { $0.time }, .watermarks: stored([watermark]) { $0.time },
        ])
    }

    var stage: JoinStage {
      JoinStage(
        partition: 0,
        configuration: EngineConfiguration(
          inputPartitions: 1, intake: intake, models: [ModelConfiguration(name: "m", task: .binary)]),
        versions: Directory(), firstFreeNumber: 0)
    }
  }

  func check(_ harness: StageHarness<JoinStage>, _ expected: PlainJoin, _ comment: Comment) throws {
    let records = try harness.read(.examples, as: ExampleRecord.self)
    let place = zip(records, expected.records).enumerated().first { $1.0 != $1.1 }
    #expect(place?.element.0 == place?.element.1, comment)
    #expect(records.count == expected.records.count, comment)
    let late = try harness.read(.deadletters, as: DeadLetter.self)
    #expect(
      late.map { "\($0.topic) \($0.offset) \($0.code)" }
        == expected.letters.map { "\(Self.lanes[$0.lane]) \($0.offset) \($0.code ?? "")" }, comment)
    var total = ModelCounts(model: "m")
    for case .progress(let progress) in try harness.read(.summaries, as: SummaryRecord.self) {
      for counts in progress.counts { total.add(counts) }
    }
    #expect(total == expected.counts(of: "m"), comment)
    let numbers = records.compactMap { if case .example(let example) = $0 { example.seq } else { nil } }
    #expect(numbers == Array(0..<Int64(numbers.count)), comment)
  }

  @Test(arguments: 0..<150 as Range<UInt64>, [false, true])
  func agreesWithAPlainComputation(seed: UInt64, featuresTopic: Bool) throws {
    let input = Input(seed: seed, featuresTopic: featuresTopic)
    let expected = input.expected
    var random = SplitMix64(seed: seed)
    for _ in 0..<3 {
      var harness = input.harness
      // The watermark speaks of the ends: as the worker that wrote it, read them first.
      while harness.stage.inputs.dropFirst().contains(where: { harness.left(of: $0) > 0 }) {
        let topic = harness.stage.inputs.dropFirst().randomElement(using: &random) ?? .labels
        try harness.poll(topic, .random(in: 0...6, using: &random))
      }
      try harness.poll(.watermarks)
      try check(harness, expected, "read as it came")
    }
    var replay = input.harness
    try replay.finish()
    try check(replay, expected, "read after the fact, watermarks first")
  }

  @Test(arguments: 0..<12 as Range<UInt64>)
  func everyRestartGoesOn(seed: UInt64) throws {
    let input = Input(seed: seed, featuresTopic: seed % 2 == 0)
    var whole = input.harness
    try whole.finish()
    let steps = input.predictions.count + input.labels.count + input.features.count
    for stop in 0...steps {
      var harness = input.harness
      var random = SplitMix64(seed: seed)
      for _ in 0..<stop {
        let open = harness.stage.inputs.dropFirst().filter { harness.left(of: $0) > 0 }
        if let topic = open.randomElement(using: &random) { try harness.poll(topic, 1) }
      }
      try harness.restart(input.stage)
      try harness.finish()
      #expect(harness.written == whole.written, "restart after \(stop) records")
    }
  }

  /// A label counts up to the horizon, and not a millisecond longer, in whichever order the two arrive.
  @Test(arguments: [-20, -1, 0, 1, 19, 20, 21, 40]) func horizonEdges(delay: Milliseconds) throws {
    let intake = IntakeConfiguration(pane: 5, lateness: 60, labelHorizon: 20, futureSlack: 0)
    // Another prediction moves time on between the two, to just before, at or after the label.
    for between in -1...1 as ClosedRange<Milliseconds> {
      let other = Prediction.plain("other", at: 100 + delay + between)
      let labels = [Label.plain("p", at: 100 + delay)]
      for predictions in [[.plain("p", at: 100), other], [other, .plain("p", at: 100)]] {
        let input = Input(intake: intake, predictions: predictions, labels: labels)
        var harness = input.harness
        try harness.finish()
        try check(harness, input.expected, "delay \(delay), \(between), \(predictions.map(\.id))")
        let joined = try harness.read(.examples, as: ExampleRecord.self).contains {
          if case .example = $0 { true } else { false }
        }
        // A label more than the horizon before its prediction is gone by then, as is one behind it.
        #expect(joined == (-20...20).contains(delay))
      }
    }
  }

  @Test func everyCuttingOfASmallInput() throws {
    let intake = IntakeConfiguration(pane: 5, lateness: 0, labelHorizon: 6, futureSlack: 0)
    let input = Input(
      intake: intake, predictions: [.plain("a", at: 1), .plain("b", at: 2), .plain("a", at: 8), .plain("c", at: 20)],
      labels: [.plain("b", at: 2), .plain("a", at: 7), .plain("x", at: 8), .plain("c", at: 19)])
    let expected = input.expected
    for order in everyInterleaving([4, 4]) {
      var harness = input.harness
      for source in order { try harness.poll(source == 0 ? .predictions : .labels, 1) }
      try harness.poll(.watermarks)
      try check(harness, expected, "order \(order)")
    }
  }
}

extension JoinTests.Input {
  init(intake: IntakeConfiguration, predictions: [Prediction], labels: [Label]) {
    self.intake = intake
    self.predictions = predictions
    self.labels = labels
  }
}

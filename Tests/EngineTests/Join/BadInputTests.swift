import Events
import Log
import Models
import Simulation
import Testing

@testable import Engine

/// Records that no serving system should send, each through a real worker on a log. Each must end as a dead letter or a
/// count, and after each the stream goes on: a good prediction still finds its label.
struct BadInputTests {
  static let now: Milliseconds = 1_762_345_678_901

  struct Case: CustomTestStringConvertible {
    let name: String
    var topic: Topic = .predictions
    let records: [Record]
    /// Codes of the dead letters, in order.
    var letters: [String] = []
    var counts: ModelCounts = ModelCounts(model: "m")

    var testDescription: String { name }

    static func bad(_ name: String, _ value: String, _ code: String) -> Case {
      Case(name: name, records: [text(value, at: now)], letters: [code])
    }

    static func badLabel(_ name: String, _ value: String, _ code: String) -> Case {
      Case(name: name, topic: .labels, records: [text(value, at: now)], letters: [code])
    }
  }

  static let good = #"{"id":"x","model":"m","time":1762345678901,"features":{"age":41},"prediction":null}"#

  static let unreadable: [Case] = [
    .bad("not JSON", "hello", "not_json"),
    .badLabel("not JSON", "<xml/>", "not_json"),
    .bad("two JSON texts", good + good, "not_json"),
    .bad("empty", "", "truncated"),
    .bad("truncated", String(good.prefix(40)), "truncated"),
    .bad("an array", "[1,2]", "wrong_type"),
    .bad("id is a number", #"{"id":7,"model":"m","time":1762345678901,"features":{}}"#, "wrong_type"),
    .bad("features is an array", #"{"id":"x","model":"m","time":1762345678901,"features":[1]}"#, "wrong_type"),
    .bad("a feature is an object", #"{"id":"x","model":"m","time":1762345678901,"features":{"a":{}}}"#, "wrong_type"),
    .badLabel("a label of no type", #"{"prediction":"x","model":"m","time":1762345678901,"label":[1]}"#, "wrong_type"),
    .bad("no id", #"{"model":"m","time":1762345678901,"features":{}}"#, "missing_field"),
    .bad("no model", #"{"id":"x","time":1762345678901,"features":{}}"#, "missing_field"),
    .bad("no time", #"{"id":"x","model":"m","features":{}}"#, "missing_field"),
    .bad(
      "a score without a version", #"{"id":"x","model":"m","time":1762345678901,"prediction":0.5}"#, "missing_field"),
    .badLabel("no label", #"{"prediction":"x","model":"m","time":1762345678901}"#, "missing_field"),
    .bad("NaN", #"{"id":"x","model":"m","time":1762345678901,"features":{"age":NaN}}"#, "not_json"),
    .bad("infinity", #"{"id":"x","model":"m","time":1762345678901,"features":{"age":-Infinity}}"#, "not_json"),
    .bad("1e999", #"{"id":"x","model":"m","time":1762345678901,"features":{"age":1e999}}"#, "not_finite"),
    .badLabel("a label of 1e999", #"{"prediction":"x","model":"m","time":1762345678901,"label":1e999}"#, "not_finite"),
    Case(
      name: "invalid UTF-8",
      records: [
        Record(
          timestamp: now,
          value: (Array(#"{"id":""#.utf8) + [0xC3, 0x28, 0xFF] + Array(#"","model":"m","time":1,"features":{}}"#.utf8))[
            ...])
      ],
      letters: ["invalid_utf8"]),
    .bad("half a surrogate pair", #"{"id":"\ud800","model":"m","time":1762345678901,"features":{}}"#, "invalid_utf8"),
    .bad(
      "10,000 deep",
      #"{"id":"x","model":"m","time":1762345678901,"features":{},"more":"#
        + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000) + "}", "too_deep"),
    .bad("10,000 deep, unclosed", String(repeating: #"{"a":"#, count: 10_000), "too_deep"),
    Case(name: "20 MB", records: [large], letters: ["too_large"]),
    Case(name: "a null value", records: [Record(timestamp: now, key: key("x"), value: nil)], letters: ["null_value"]),
    Case(name: "a null label", topic: .labels, records: [Record(timestamp: now, value: nil)], letters: ["null_value"]),
    .bad("an empty id", #"{"id":"","model":"m","time":1762345678901,"features":{}}"#, "empty_id"),
    .bad("a time in words", #"{"id":"x","model":"m","time":"yesterday","features":{}}"#, "bad_time"),
    .bad("a time of 300,000 AD", #"{"id":"x","model":"m","time":9999999999999999,"features":{}}"#, "bad_time"),
    .bad("version 0", #"{"id":"x","model":"m","version":0,"time":1762345678901,"features":{}}"#, "out_of_range"),
    .bad("a field twice", #"{"id":"x","id":"y","model":"m","time":1762345678901,"features":{}}"#, "duplicate_field"),
  ]

  static let large = Record(
    timestamp: now,
    value: (Array(#"{"id":"x","model":"m","time":1762345678901,"features":{},"more":""#.utf8)
      + [UInt8](repeating: UInt8(ascii: "a"), count: 20_000_000) + Array(#""}"#.utf8))[...])

  static let unfitting: [Case] = [
    .bad("an unknown model", #"{"id":"x","model":"nobody","time":1762345678901,"features":{}}"#, "unknown_model"),
    .badLabel(
      "a label of an unknown model",
      #"{"prediction":"x","model":"nobody","time":1762345678901,"label":1}"#, "unknown_model"),
    .bad(
      "an unknown version",
      #"{"id":"x","model":"m","version":9,"time":1762345678901,"features":{},"prediction":0.5}"#, "unknown_version"),
    .bad(
      "an unknown version without a score", #"{"id":"x","model":"m","version":9,"time":1762345678901,"features":{}}"#,
      "unknown_version"),
    .bad(
      "a probability of 2",
      #"{"id":"x","model":"m","version":1,"time":1762345678901,"features":{},"prediction":2}"#, "bad_score"),
    .bad(
      "a class that the task does not have",
      #"{"id":"x","model":"m","version":1,"time":1762345678901,"features":{},"prediction":"yes"}"#, "bad_score"),
    .bad(
      "three probabilities for two classes",
      #"{"id":"x","model":"m","version":1,"time":1762345678901,"features":{},"prediction":[0.2,0.3,0.5]}"#, "bad_score"),
    .badLabel(
      "a label that the task does not have",
      #"{"prediction":"x","model":"m","time":1762345678901,"label":"maybe"}"#, "bad_label"),
    .bad("a prediction of the year 2200", #"{"id":"x","model":"m","time":7258118400000,"features":{}}"#, "future_time"),
    .badLabel(
      "a label of the year 2200",
      #"{"prediction":"x","model":"m","time":"2200-01-01T00:00:00Z","label":1}"#, "future_time"),
    Case(
      name: "a prediction of 1970 after one of today",
      records: [
        record(Prediction.plain("today", at: now), at: now), record(Prediction.plain("then", at: 0), at: now),
      ],
      letters: ["late"], counts: ModelCounts(model: "m", predictions: 1, expired: 1, late: 1)),
    Case(
      name: "a label of 1970", topic: .labels, records: [record(Label.plain("x", at: 0), at: now)],
      counts: ModelCounts(model: "m", orphanLabels: 1)),
    Case(
      name: "a label without prediction", topic: .labels, records: [record(Label.plain("x", at: now), at: now)],
      counts: ModelCounts(model: "m", orphanLabels: 1)),
    Case(
      name: "a duplicate prediction",
      records: [
        record(Prediction.plain("x", at: now), at: now), record(Prediction.plain("x", at: now + 1), at: now + 1),
      ],
      counts: ModelCounts(model: "m", predictions: 1, duplicatePredictions: 1, expired: 1)),
    Case(
      name: "a duplicate label", topic: .labels,
      records: [record(Label.plain("x", at: now), at: now), record(Label.plain("x", at: now, 0), at: now)],
      counts: ModelCounts(model: "m", duplicateLabels: 1, orphanLabels: 1)),
    Case(
      name: "an empty key", records: [record(Prediction.plain("x", at: now), at: now, key: "")],
      counts: ModelCounts(model: "m", predictions: 1, expired: 1)),
  ]

  static func configuration(featuresTopic: Bool = false) -> EngineConfiguration {
    EngineConfiguration(
      inputPartitions: 1,
      intake: IntakeConfiguration(
        pane: 1_000, lateness: 0, labelHorizon: 10_000, futureSlack: 60_000, featuresTopic: featuresTopic),
      models: [ModelConfiguration(name: "m", task: .binary)])
  }

  /// A good prediction, its label behind it, and time for both to pass.
  static func appendGood(_ id: String, to log: TestLog, at time: Milliseconds) throws {
    try log.append(.predictions, 0, [record(Prediction.plain(id, at: time), at: time, key: id)])
    try log.append(.labels, 0, [record(Label.plain(id, at: time + 5), at: time + 5, key: id)])
  }

  static func settle(_ worker: Worker<JoinStage>, at time: Milliseconds) throws {
    try worker.exhaust()
    _ = try worker.promise(passed: time)
    try worker.exhaust()
  }

  static func counts(in log: TestLog) throws -> ModelCounts {
    var total = ModelCounts(model: "m")
    for case .progress(let progress) in try log.read(.summaries, as: SummaryRecord.self) {
      for counts in progress.counts where counts.model == "m" { total.add(counts) }
    }
    return total
  }

  static func ids(in log: TestLog) throws -> [String] {
    try log.read(.examples, as: ExampleRecord.self).compactMap {
      if case .example(let example) = $0 { example.id } else { nil }
    }
  }

  @Test(arguments: unreadable + unfitting)
  func endsWithAReasonAndStopsNothing(_ bad: Case) throws {
    let log = try TestLog(Self.configuration())
    let worker = try log.joinWorker()
    try log.append(bad.topic, 0, bad.records)
    try Self.appendGood("good", to: log, at: Self.now + 2_000)
    try Self.settle(worker, at: Self.now + 100_000)

    let letters = try log.read(.deadletters, as: DeadLetter.self)
    #expect(letters.map(\.code) == bad.letters)
    for letter in letters {
      #expect(letter.topic == bad.topic.rawValue && letter.partition == 0)
      #expect(letter.offset == Int64(bad.records.count - 1))
      #expect(!letter.reason.isEmpty && letter.reason.utf8.count < 500)
      #expect(letter.sample.utf8.count <= 3 * Limits.sampleBytes)
    }
    #expect(try Self.ids(in: log) == ["good"])
    var expected = bad.counts
    expected.add(ModelCounts(model: "m", predictions: 1, examples: 1))
    #expect(try Self.counts(in: log) == expected)
  }

  @Test func negativeNumberIsNoCount() throws {
    for (family, letters) in [(Family.poisson, ["bad_label"]), (.linear, [])] {
      var configuration = Self.configuration()
      configuration.models = [ModelConfiguration(name: "m", task: .regression, family: family)]
      let log = try TestLog(configuration)
      let worker = try log.joinWorker()
      try log.append(.labels, 0, [record(Label.plain("x", at: Self.now, -1), at: Self.now)])
      try Self.appendGood("good", to: log, at: Self.now + 2_000)
      try Self.settle(worker, at: Self.now + 100_000)
      let found = try log.read(.deadletters, as: DeadLetter.self)
      #expect(found.map(\.code) == letters && found.allSatisfy { $0.reason.contains("poisson") })
      #expect(try Self.ids(in: log) == ["good"])
    }
  }

  @Test func allOfThemInOneStream() throws {
    let log = try TestLog(Self.configuration())
    let all = (Self.unreadable + Self.unfitting).filter { $0.name != "20 MB" }
    for (index, bad) in all.enumerated() {
      try log.append(bad.topic, 0, bad.records)
      try Self.appendGood("good-\(index)", to: log, at: Self.now + Milliseconds(index))
    }
    let worker = try log.joinWorker(WorkerSettings(pollRecords: 7, commitRecords: 3))
    try Self.settle(worker, at: Self.now + 100_000)
    #expect(try Self.ids(in: log).filter { $0.hasPrefix("good") }.count == all.count)
    let letters = try log.read(.deadletters, as: DeadLetter.self).map(\.code).filter { $0 != "late" }
    #expect(letters.sorted() == all.flatMap(\.letters).filter { $0 != "late" }.sorted())
  }

  @Test func badFeatures() throws {
    let log = try TestLog(Self.configuration(featuresTopic: true))
    let worker = try log.joinWorker()
    try log.append(
      .features, 0,
      [
        Record(timestamp: Self.now, value: nil), text("{", at: Self.now), text(#"{"entity":"e"}"#, at: Self.now),
        text(#"{"entity":"","time":1,"features":{}}"#, at: Self.now),
        text(#"{"entity":"e","time":"2200-01-01T00:00:00Z","features":{"a":1}}"#, at: Self.now),
        text(#"{"entity":"e","time":1762345678900,"features":{"a":1}}"#, at: Self.now),
      ])
    try log.append(
      .predictions, 0,
      [
        record(Prediction.plain("lost", at: Self.now), at: Self.now),
        record(Prediction.plain("p", at: Self.now, entity: "e"), at: Self.now),
      ])
    try log.append(.labels, 0, [record(Label.plain("p", at: Self.now), at: Self.now)])
    try Self.settle(worker, at: Self.now + 100_000)
    let letters = try log.read(.deadletters, as: DeadLetter.self)
    #expect(
      letters.filter { $0.topic == "features" }.map(\.code) == [
        "null_value", "truncated", "missing_field", "empty_id", "future_time",
      ])
    #expect(letters.filter { $0.topic == "predictions" }.map(\.code) == ["missing_field"])
    #expect(try Self.ids(in: log) == ["p"])
    for case .example(let example) in try log.read(.examples, as: ExampleRecord.self) {
      #expect(example.features == [Feature(name: "a", value: .number(1))])
    }
  }

  @Test func strangersWatermarks() throws {
    let log = try TestLog(Self.configuration())
    let worker = try log.joinWorker()
    try log.append(
      .watermarks, 0,
      [
        Record(timestamp: Self.now, value: nil), text("soon", at: Self.now),
        record(Watermark(partition: 3, time: Self.now + 9_000_000, offsets: []), at: Self.now),
        // It would close the partition for good.
        record(
          Watermark(
            partition: 0, time: 253_402_300_799_000,
            offsets: ["predictions", "labels"].map { TopicOffset(topic: $0, offset: 0) }), at: Self.now),
      ])
    try Self.appendGood("good", to: log, at: Self.now)
    try Self.settle(worker, at: Self.now + 100_000)
    #expect(
      try log.read(.deadletters, as: DeadLetter.self).map(\.code) == [
        "bad_watermark", "bad_watermark", "bad_watermark", "future_time",
      ])
    #expect(try Self.ids(in: log) == ["good"])
  }
}

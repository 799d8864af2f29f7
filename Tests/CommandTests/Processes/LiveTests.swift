import Events
import Foundation
import LeewayClient
import Log
import TestSupport
import Testing

@testable import leeway

/// The engine as a service by the machine's clock, with producers and subscribers in other processes on one log.
@Suite("Processes: live", .serialized)
struct LiveTests {
  private static let configuration = """
    topics: {partitions: 2}
    time: {pane: 1s, lateness: 1s, idle: 2s, label_horizon: 60s}
    monitor: {window: 10s, drift: off, performance: off, volume: {labels: 250}}
    train: {minimum_rows: 50, reference_rows: 200}
    gate: {rows: 50}
    models: [{name: m, task: binary}]
    """

  private static func now() -> Milliseconds { Milliseconds(Date().timeIntervalSince1970 * 1_000) }

  @Test("An engine, producers and a subscriber in processes of their own: version 2 reaches the subscriber")
  func versionTwo() throws {
    let station = try Station(Self.configuration)
    var random = SplitMix64(seed: 2)
    try station.trainFirst(
      on: Concept.rows(-400..<0, rule: 0, start: Self.now() - 3_600_000, step: 1_000, using: &random))
    let engine = try station.start("run")
    let log = try station.log
    defer { log.close() }
    let subscriber = ModelSubscriber(log: log, models: [Station.model])
    defer { subscriber.close() }
    let first = try #require(try subscriber.poll().first?.scorer)
    // Ahead of the clock, so that the engine does not take them for late ones however slowly their producers start.
    let rows = Concept.rows(0..<600, rule: 1, start: Self.now() + 3_000, step: 5, using: &random)
    let producers = try serve(rows, with: first, at: station)
    var changes: [ModelChange] = []
    try wait(for: "version 2", within: 60) {
      changes += try subscriber.poll()
      return !changes.isEmpty
    }
    let versions = [first.version] + changes.map { $0.scorer?.version ?? 0 }
    #expect(versions == [1, 2], "\(engine.errors)")
    for producer in producers { #expect(try producer.end(within: 10).status == 0) }
    engine.terminate()
    #expect(try engine.end(within: 10).status == 0)
    let list = try station.leeway("models", "list", "--json").lines.map { try ModelRecord.decode(Array($0.utf8)[...]) }
    #expect(list.map(\.status) == [.retired, .champion])
  }

  /// Starts a process that produces the predictions, and one that produces the labels.
  private func serve(_ rows: [Concept.Row], with scorer: LocalScorer, at station: Station) throws -> [Child] {
    func score(_ row: Concept.Row) -> Double? {
      if case .number(let score) = scorer.score(row.features).score { score } else { nil }
    }
    let columns = ["id", "time", "version", "prediction"]
    try station.folder.write(
      "predictions.csv", Concept.csv(rows, columns: columns, version: scorer.version, score: score))
    let labels = rows.map { "\($0.id),\($0.time + 100),\($0.label)" }
    try station.folder.write("labels.csv", (["prediction,time,label"] + labels).joined(separator: "\n"))
    return [
      try station.start("produce", "predictions", "--model", Station.model, "--csv", "predictions.csv"),
      try station.start("produce", "labels", "--model", Station.model, "--csv", "labels.csv"),
    ]
  }

  @Test("A second engine on the same log waits, names the first, and takes over when it dies")
  func secondEngine() throws {
    let station = try Station(Self.configuration)
    let first = try station.start("run")
    try wait(for: "the first is at work", within: 30) {
      ["join", "monitor", "train"].allSatisfy { first.errors.contains("stage \($0) is at work") }
    }
    let second = try station.start("run")
    try wait(for: "the second names the owner", within: 30) {
      ["join", "monitor", "train"].allSatisfy { stage in
        second.errors.contains("stage \(stage): Group leeway.\(stage)") && second.errors.contains("process \(first.id)")
      }
    }
    let idle = try station.start("run", "--stages", "join")
    try wait(for: "the third names the owner", within: 30) { idle.errors.contains("is owned by") }
    idle.terminate()
    #expect(try idle.end(within: 10).status == 0, "one that waits can be ended too")

    try append(0..<300, to: station)
    try wait(for: "the first joins", within: 30) { try examples(station).count >= 100 }
    #expect(first.kill() && second.isRunning)
    try append(300..<600, to: station)
    try wait(for: "the second joins the rest", within: 60) { try examples(station).count >= 600 }
    #expect(Set(try examples(station).map(\.id)).count == 600)
    for (place, records) in try station.records(of: .examples) {
      let numbers = records.compactMap { stored -> Int64? in
        guard let value = stored.record.value, case .example(let example) = try? ExampleRecord.decode(value) else {
          return nil
        }
        return example.seq
      }
      #expect(numbers == Array(0..<Int64(numbers.count)), "\(place)")
    }
    second.terminate()
    #expect(try second.end(within: 10).status == 0)
    try station.leeway("doctor")
  }

  /// Predictions that no model scored, and their labels.
  private func append(_ ids: Range<Int>, to station: Station) throws {
    let time = Self.now()
    let predictions = ids.map { Prediction(id: "p-\($0)", model: Station.model, time: time, features: []) }
    try station.append(predictions.map { ($0.id, time, $0.encoded()) }, to: .predictions)
    let labels = ids.map { Label(prediction: "p-\($0)", model: Station.model, time: time, value: .number(1)) }
    try station.append(labels.map { ($0.prediction, time, $0.encoded()) }, to: .labels)
  }

  private func examples(_ station: Station) throws -> [Example] {
    try station.values(of: .examples).compactMap { value in
      if case .example(let example) = try ExampleRecord.decode(value) { example } else { nil }
    }
  }

  @Test("Records that no one can read end in deadletters with a reason, and the engine goes on")
  func garbage() throws {
    let station = try Station(Self.configuration)
    let engine = try station.start("run")
    // So that there are panes that have closed already.
    try append(100..<110, to: station)
    try wait(for: "a watermark", within: 30) { try !station.values(of: .watermarks).isEmpty }
    let (records, expected) = Self.hostile()
    let log = try station.log
    let producer = try log.makeProducer(id: nil)
    for (topic, record) in records { try producer.append([AppendBatch(TopicPartition(topic.rawValue, 0), [record])]) }
    producer.close()
    log.close()
    try append(0..<100, to: station)
    try wait(for: "rows behind the garbage are joined", within: 60) { try examples(station).count == 110 }
    try wait(for: "dead letters", within: 60) { try station.values(of: .deadletters).count >= expected.count }
    #expect(engine.isRunning)
    let letters = try station.leeway("tail", "deadletters", "--json").lines
    let told = try letters.map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      let letter = try #require(object?["value"] as? [String: Any])
      #expect((letter["reason"] as? String)?.isEmpty == false, "\(line)")
      return "\(letter["topic"] ?? "") \(letter["code"] ?? "")"
    }
    #expect(told.sorted() == expected.sorted())
    engine.terminate()
    #expect(try engine.end(within: 10).status == 0)
  }

  /// Records that cannot be used, and the topic and code of each one's dead letter.
  private static func hostile() -> ([(Topic, Record)], [String]) {
    let now = now()
    func prediction(_ changes: [String: String]) -> [UInt8] {
      let fields = ["id": "\"x\"", "model": "\"m\"", "time": "\(now)", "features": "{\"a\":1}"]
        .merging(changes) { $1 }
      return Array("{\(fields.sorted { $0.key < $1.key }.map { "\"\($0)\":\($1)" }.joined(separator: ","))}".utf8)
    }
    let values: [(Topic, [UInt8]?, String)] = [
      (.predictions, Array("garbage".utf8), "not_json"),
      (.predictions, prediction([:]).dropLast(3), "truncated"),
      (.predictions, prediction(["time": "true"]), "wrong_type"),
      (.predictions, Array("{\"id\":\"x\"}".utf8), "missing_field"),
      (.predictions, prediction(["features": "{\"a\":NaN}"]), "not_json"),
      (.predictions, prediction(["features": "{\"a\":1e999}"]), "not_finite"),
      (.predictions, Array("{\"id\":\"".utf8) + [0xff, 0xfe] + Array("\"}".utf8), "invalid_utf8"),
      (.predictions, [UInt8](repeating: UInt8(ascii: "["), count: 10_000), "wrong_type"),
      (.predictions, prediction(["other": String(repeating: "[", count: 10_000)]), "too_deep"),
      (.predictions, prediction(["other": "\"\(String(repeating: "x", count: 20 << 20))\""]), "too_large"),
      (.predictions, prediction(["model": "\"unheard-of\""]), "unknown_model"),
      (.predictions, prediction(["version": "7", "prediction": "0.5"]), "unknown_version"),
      (.predictions, prediction(["time": "0"]), "late"),
      (.predictions, prediction(["time": "\"2200-01-01T00:00:00Z\""]), "future_time"),
      (.predictions, nil, "null_value"),
      (.labels, Array("{}".utf8), "missing_field"),
      (.labels, Array(#"{"prediction":"x","model":"m","time":\#(now),"label":"maybe"}"#.utf8), "bad_label"),
      (.labels, nil, "null_value"),
      (.watermarks, Array("{}".utf8), "bad_watermark"),
      (.summaries, Array("[]".utf8), "wrong_type"),
      (.triggers, Array("hello".utf8), "not_json"),
      (.runs, nil, "null_value"),
    ]
    let records = values.map { topic, value, _ in
      (topic, Record(timestamp: now, key: topic == .labels ? [] : nil, value: value.map { $0[...] }))
    }
    return (records, values.map { "\($0.0.rawValue) \($0.2)" })
  }
}

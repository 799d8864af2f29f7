import Bytes
import Drift
import EventLog
import Events
import Log
import Models
import Sketches
import TestSupport
import Testing

@testable import Engine

/// Stages over hostile records, and stages restored from hostile states: dead letters and refusals, never a trap.
@Suite("Hostile bytes in place of records and snapshots")
struct FuzzTests {
  /// A stream in which everything happens, and its snapshots.
  private static func ran() throws -> TestLog {
    var scenario = Scenario()
    scenario.blocks = 3
    let log = try TestLog(scenario.configuration)
    try Loop(log, WorkerSettings(snapshotCommits: 2)).run(scenario.actions)
    return log
  }

  private static func values(_ log: TestLog, _ topic: Topic) throws -> [[UInt8]] {
    try log.records(topic).compactMap { $0.value.map { Array($0) } }
  }

  /// Feeds each stage's inputs for a while, then begins with a fresh one.
  private func feed<S: Stage>(
    _ name: String, _ log: TestLog, _ corpora: [Topic: [[UInt8]]], rounds: Int = 1_000, cost: Int = 1,
    make: () -> S
  ) {
    var harness = StageHarness(make(), inputs: [:])
    var offset: Int64 = 0
    for (topic, corpus) in corpora.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where !corpus.isEmpty {
      Fuzz.run("engine \(name) \(topic.rawValue)", corpus, rounds: rounds, cost: cost) { bytes in
        if offset % 40 == 0 { harness = StageHarness(make(), inputs: [:]) }
        offset += 1
        let record = StoredRecord(
          offset: offset, record: Record(timestamp: Scenario.start + 1_000_000, key: nil, value: bytes[...]))
        try harness.stage.process([record], of: topic, next: offset + 1, into: &harness.outputs)
        // A good record of the other topics behind it: what the hostile one left behind is used.
        for (other, good) in corpora where other != topic && !good.isEmpty {
          offset += 1
          let value = good[Int(offset) % good.count][...]
          let stored = StoredRecord(
            offset: offset, record: Record(timestamp: Scenario.start + 1_000_000, key: nil, value: value))
          try harness.stage.process([stored], of: other, next: offset + 1, into: &harness.outputs)
        }
        _ = harness.outputs.take()
        if offset % 16 == 0 {
          var writer = ByteWriter()
          harness.stage.encodeState(into: &writer)
        }
      }
    }
  }

  @Test func recordsOfJoin() throws {
    let log = try Self.ran()
    let configuration = log.configuration
    let facts = VersionFacts(published: 0, task: "binary", reference: References.record())
    try feed(
      "join", log,
      [
        .predictions: Self.values(log, .predictions), .labels: Self.values(log, .labels),
        .watermarks: Self.values(log, .watermarks),
      ]
    ) {
      JoinStage(
        partition: 0, configuration: configuration, versions: Directory(["a/1": facts, "b/1": facts]),
        firstFreeNumber: 0)
    }
  }

  @Test func recordsOfMonitor() throws {
    let log = try Self.ran()
    let configuration = log.configuration
    try feed("monitor", log, [.summaries: Self.values(log, .summaries)], cost: 2) {
      MonitorStage(partition: 0, configuration: configuration)
    }
  }

  @Test func recordsOfTrain() throws {
    let log = try Self.ran()
    let configuration = log.configuration
    try feed(
      "train", log, [.triggers: Self.values(log, .triggers), .runs: Self.values(log, .runs)]
    ) { TrainStage(partition: 0, configuration: configuration) }
  }

  /// A state that decodes is gone on with.
  private func restore<S: Stage>(
    _ log: TestLog, _ inputs: [Topic: [[UInt8]]], cost: Int = 1, make: () -> S
  ) throws {
    let place = TopicPartition(log.configuration.names[.checkpoints], 0)
    let reader = try log.log.makeReader()
    defer { reader.close() }
    let states = try SnapshotStore.newest(of: S.name, in: reader, topic: place).sorted { $0.key < $1.key }
      .compactMap { $0.value.snapshot?.state }
    try #require(!states.isEmpty)
    let result = Fuzz.run("engine state of \(S.name)", states, rounds: 1_000, cost: cost) { bytes in
      var stage = make()
      var state = ByteReader(bytes)
      try stage.restoreState(from: &state)
      var harness = StageHarness(stage, inputs: [:])
      var offset: Int64 = 0
      for (topic, values) in inputs.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        for value in values.suffix(12) {
          let record = StoredRecord(
            offset: offset, record: Record(timestamp: Scenario.start + 1_000_000, key: nil, value: value[...]))
          offset += 1
          try harness.stage.process([record], of: topic, next: offset, into: &harness.outputs)
        }
      }
      var writer = ByteWriter()
      harness.stage.encodeState(into: &writer)
    }
    #expect(result.taken > 0)
  }

  @Test func stateOfJoin() throws {
    let log = try Self.ran()
    let configuration = log.configuration
    let facts = VersionFacts(published: 0, task: "binary", reference: References.record())
    try restore(
      log,
      [
        .predictions: Self.values(log, .predictions), .labels: Self.values(log, .labels),
        .watermarks: Self.values(log, .watermarks),
      ]
    ) {
      JoinStage(
        partition: 0, configuration: configuration, versions: Directory(["a/1": facts, "b/1": facts]),
        firstFreeNumber: 0)
    }
  }

  @Test func stateOfMonitor() throws {
    let log = try Self.ran()
    let configuration = log.configuration
    try restore(log, [.summaries: Self.values(log, .summaries)], cost: 10) {
      MonitorStage(partition: 0, configuration: configuration)
    }
  }

  @Test func stateOfTrain() throws {
    let log = try Self.ran()
    let configuration = log.configuration
    try restore(log, [.triggers: Self.values(log, .triggers), .runs: Self.values(log, .runs)]) {
      TrainStage(partition: 0, configuration: configuration)
    }
  }

  /// Under a checksum that is right.
  @Test func snapshots() throws {
    let snapshot = Snapshot(positions: [.labels: 7, .predictions: 9], emitted: 3, fingerprint: "f", state: [1, 2, 3])
    let whole = try Chunk.join(
      snapshot.records(stage: "s", partition: 0, number: 1).map { record in
        try Chunk.decode(record.value ?? []) { name in record.headers.first { $0.name == name }?.value }
      })
    Fuzz.run("engine snapshots", [Array(whole.dropLast(4))]) { bytes in
      var writer = ByteWriter()
      writer.append(raw: bytes)
      writer.append(fixed: CRC32C.checksum(bytes))
      _ = try Snapshot(decoding: writer.bytes)
    }
  }

  /// A version's reference as `models` and the first summary carry it: read, made into a reference, and counted over.
  @Test func references() throws {
    let log = try Self.ran()
    let corpus = try Self.values(log, .models)
    let features = [Feature(name: "x", value: .number(0.5)), Feature(name: "c", value: .category("red"))]
    Fuzz.run("engine references", corpus, rounds: 1_000) { bytes in
      let record = try ModelRecord.decode(bytes)
      guard let made = record.reference?.reference else { return }
      #expect(made.columns.allSatisfy { $0.counts.count == $0.binning.binCount })
      let facts = VersionFacts(published: 0, task: "binary", reference: record.reference ?? References.record())
      var harness = StageHarness(
        JoinStage(
          partition: 0, configuration: log.configuration, versions: Directory(["a/1": facts]), firstFreeNumber: 0),
        inputs: [:])
      for number in 0..<3 {
        let prediction = Prediction(
          id: "p\(number)", model: "a", version: 1, time: Scenario.start + Milliseconds(number) * 100_000,
          features: features, score: .number(0.5))
        let stored = stored(number, prediction.encoded(), at: Scenario.start + 1_000_000)
        try harness.stage.process([stored], of: .predictions, next: Int64(number + 1), into: &harness.outputs)
      }
      let mark = Watermark(
        partition: 0, time: Scenario.start + 900_000,
        offsets: [TopicOffset(topic: "predictions", offset: 3), TopicOffset(topic: "labels", offset: 0)])
      try harness.stage.process(
        [stored(3, mark.encoded(), at: Scenario.start)], of: .watermarks, next: 4, into: &harness.outputs)
      #expect(!harness.outputs.take().isEmpty)
    }
  }
}

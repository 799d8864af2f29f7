import Bytes
import Engine
import EventLog
import Events
import Log
import Models
import TestSupport
import Testing

@testable import leeway

/// What is promised of silent topics, by a clock that the test moves.
@Suite("Silence")
struct SilenceClockTests {
  private static let second: Milliseconds = 1_000
  private static let start: Milliseconds = 1_200_000_000_000

  private let folder: TemporaryFolder
  private let log: EmbeddedLog
  private let configuration: EngineConfiguration
  private let producer: any LogProducer

  init() throws {
    folder = try TemporaryFolder()
    log = try EmbeddedLog(path: folder.path("log.db"))
    let intake = IntakeConfiguration(
      pane: 10 * Self.second, lateness: 0, labelHorizon: 600 * Self.second, futureSlack: Self.second)
    configuration = EngineConfiguration(
      inputPartitions: 2, intake: intake, models: [ModelConfiguration(name: "m", task: .binary)], fingerprint: "f",
      code: "c")
    try TopicContract.create(in: log, configuration: configuration)
    producer = try log.makeProducer(id: nil)
  }

  private func predict(_ second: Int, partition: Int = 0) throws {
    let time = Self.start + Int64(second) * Self.second
    let event = Prediction(id: "p-\(partition)-\(second)", model: "m", time: time, features: [])
    let record = Record(timestamp: time, key: Array(event.id.utf8)[...], value: event.encoded()[...])
    try producer.append([AppendBatch(TopicPartition("predictions", partition), [record])])
  }

  private func work(_ worker: Worker<JoinStage>) throws {
    while try !worker.step(flush: true).isIdle {}
  }

  private func values(of topic: Topic) throws -> [(partition: Int, value: ByteSlice)] {
    let reader = try log.makeReader()
    defer { reader.close() }
    let spec = try #require(try log.spec(of: topic.rawValue))
    return try (0..<spec.partitions).flatMap { partition in
      let fetch = try reader.read(TopicPartition(topic.rawValue, partition), from: 0, limit: ReadLimit())
      return fetch.records.compactMap { stored in stored.record.value.map { (partition, $0) } }
    }
  }

  private func progress() throws -> [Progress] {
    try values(of: .summaries).compactMap { _, value in
      if case .progress(let progress) = try SummaryRecord.decode(value) { progress } else { nil }
    }
  }

  @Test("Panes close while predictions flow, though labels are silent and another partition has nothing")
  func labelsAreSilent() throws {
    let worker = try Stages.join(log, configuration, WorkerSettings())
    var clock = SilenceClock(idle: 5_000)
    for second in 0..<100 {
      try predict(second)
      try work(worker)
      let wall = Self.start + Int64(second) * Self.second
      if try clock.look(at: worker, seconds: Double(second), wall: wall) { try work(worker) }
    }
    for partition in 0..<2 {
      let newest = try progress().filter { $0.partition == partition }.map(\.tick).max()
      #expect(try #require(newest) >= Self.start + 70 * Self.second)
    }
    #expect(try values(of: .deadletters).isEmpty)
    let watermarks = try values(of: .watermarks).map { ($0.partition, try Watermark.decode($0.value)) }
    for (partition, watermark) in watermarks {
      #expect(watermark.time < Self.start + 100 * Self.second)
      if partition == 0 { #expect(watermark.offsets.map(\.topic) == ["labels"]) }
    }
    try worker.close()
  }

  @Test("A recording fed in pieces is not late after a pause, whatever the time of day")
  func pauses() throws {
    let worker = try Stages.join(log, configuration, WorkerSettings())
    var clock = SilenceClock(idle: 5_000)
    var seconds = 0.0
    for piece in 0..<3 {
      for second in 0..<60 {
        for partition in 0..<2 { try predict(piece * 60 + second, partition: partition) }
      }
      for _ in 0..<40 {
        seconds += 1
        try work(worker)
        // The wall clock is years ahead of the recording.
        _ = try clock.look(at: worker, seconds: seconds, wall: Self.start + 1_000_000_000 * Self.second)
      }
    }
    try work(worker)
    #expect(try values(of: .deadletters).isEmpty)
    #expect(try progress().map(\.tick).max() == Self.start + 170 * Self.second)
    try worker.close()
  }

  @Test("A live stream that falls silent goes on at the clock's pace")
  func silence() throws {
    for partition in 0..<2 { try predict(0, partition: partition) }
    let worker = try Stages.join(log, configuration, WorkerSettings())
    var clock = SilenceClock(idle: 5_000)
    for second in 0..<100 {
      try work(worker)
      _ = try clock.look(at: worker, seconds: Double(second), wall: Self.start + Int64(second) * Self.second)
    }
    try work(worker)
    let ticks = try progress().map { ($0.tick - Self.start) / Self.second }
    #expect(ticks.filter { $0 == 90 }.count == 2, "\(ticks)")
    try worker.close()
  }

  @Test("Nothing is promised of a topic that has not been read to its end")
  func backlog() throws {
    for second in 0..<50 { try predict(second, partition: 1) }
    try predict(500)
    let worker = try Stages.join(log, configuration, WorkerSettings(pollRecords: 4))
    var clock = SilenceClock(idle: 5_000)
    for second in stride(from: 0.0, to: 40, by: 2) {
      _ = try worker.step(flush: true)
      _ = try clock.look(at: worker, seconds: second, wall: Self.start + 1_000 * Self.second)
    }
    try work(worker)
    let promised = try values(of: .watermarks).map { try Watermark.decode($0.value) }
    #expect(!promised.isEmpty)
    for watermark in promised where watermark.partition == 1 {
      for topic in watermark.offsets where topic.topic == "predictions" { #expect(topic.offset == 50) }
    }
    #expect(try values(of: .deadletters).isEmpty)
    try worker.close()
  }
}

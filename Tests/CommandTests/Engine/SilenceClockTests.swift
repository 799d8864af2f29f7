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
      pane: 10 * Self.second, lateness: 0, labelHorizon: 600 * Self.second, futureSlack: 60 * Self.second)
    configuration = EngineConfiguration(
      inputPartitions: 2, intake: intake, models: [ModelConfiguration(name: "m", task: .binary)], fingerprint: "f",
      code: "c")
    try Topic.createAll(in: log, configuration: configuration)
    producer = try log.makeProducer(id: nil)
  }

  /// - Parameter ahead: seconds by which the producer's clock is ahead of the log's.
  private func predict(_ second: Int, partition: Int = 0, ahead: Int64 = 0) throws {
    let logged = Self.start + Int64(second) * Self.second
    let event = Prediction(
      id: "p-\(partition)-\(second)", model: "m", time: logged + ahead * Self.second, features: [])
    try append(event.encoded(), id: event.id, at: logged, TopicPartition("predictions", partition))
  }

  /// Labels a prediction, so much later.
  private func label(_ second: Int, after delay: Int, partition: Int = 0) throws {
    let time = Self.start + Int64(second + delay) * Self.second
    let event = Label(prediction: "p-\(partition)-\(second)", model: "m", time: time, value: .number(1))
    try append(event.encoded(), id: event.prediction, at: time, TopicPartition("labels", partition))
  }

  private func append(_ value: [UInt8], id: String, at time: Milliseconds, _ place: TopicPartition) throws {
    try producer.append([
      AppendBatch(place, [Record(timestamp: time, key: Array(id.utf8)[...], value: value[...])])
    ])
  }

  private func work(_ worker: Worker<JoinStage>) throws {
    while try !worker.step(flush: true).isIdle {}
  }

  /// Lets the worker look on, while nothing comes, under a wall clock that is years ahead of the recording.
  private func pause(
    _ length: Int, _ worker: Worker<JoinStage>, _ clock: inout SilenceClock, _ seconds: inout Double
  ) throws {
    for _ in 0..<length {
      seconds += 1
      try work(worker)
      _ = try clock.look(at: worker, seconds: seconds, wall: Self.start + 1_000_000_000 * Self.second)
    }
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
      try pause(40, worker, &clock, &seconds)
    }
    try work(worker)
    #expect(try values(of: .deadletters).isEmpty)
    #expect(try progress().map(\.tick).max() == Self.start + 170 * Self.second)
    try worker.close()
  }

  @Test("Labels, which are later, do not advance predictions; each one joins when predictions have got that far")
  func laterLabels() throws {
    let worker = try Stages.join(log, configuration, WorkerSettings())
    var clock = SilenceClock(idle: 5_000)
    var seconds = 0.0
    for piece in 0..<4 {
      for second in piece * 60..<piece * 60 + 60 {
        for partition in 0..<2 {
          try predict(second, partition: partition)
          try label(second, after: 100, partition: partition)
        }
      }
      try pause(20, worker, &clock, &seconds)
    }
    try work(worker)
    #expect(try values(of: .deadletters).isEmpty)
    let examples = try values(of: .examples).filter { _, value in
      if case .example = try ExampleRecord.decode(value) { true } else { false }
    }
    #expect(examples.count > 2 * 120)
    try worker.close()
  }

  @Test("A producer whose clock is ahead closes no pane before its time")
  func clockAhead() throws {
    let worker = try Stages.join(log, configuration, WorkerSettings())
    for second in 0..<60 {
      try predict(second, ahead: second == 20 ? 50 : 0)
      try label(second, after: 0)
    }
    try predict(60, ahead: 50)
    try work(worker)
    #expect(try values(of: .deadletters).isEmpty)
    let ticks = try progress().filter { $0.partition == 0 }.map(\.tick)
    #expect(try #require(ticks.max()) <= Self.start + 60 * Self.second)
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

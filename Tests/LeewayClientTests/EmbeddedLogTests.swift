import EventLog
import Events
import Foundation
import LeewayClient
import Log
import Models
import Testing

/// The client on the log that it runs on.
struct EmbeddedLogTests {
  private func withLog(_ body: (EmbeddedLog) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "leeway-client-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = try EmbeddedLog(path: folder.appending(path: "log.db").path(percentEncoded: false))
    for topic in [Topic.predictions, .labels, .features] {
      try log.create(TopicSpec(name: topic.rawValue, partitions: 4))
    }
    for topic in [Topic.models, .artifacts] { try log.create(TopicSpec(name: topic.rawValue, partitions: 1)) }
    try await body(log)
  }

  private func records(_ log: EmbeddedLog, _ topic: String) throws -> [[StoredRecord]] {
    let reader = try log.makeReader()
    defer { reader.close() }
    return try (0..<4).map { number in
      let partition = TopicPartition(topic, number)
      var records: [StoredRecord] = []
      var next = try reader.bounds(of: partition).lowerBound
      while true {
        let fetch = try reader.read(partition, from: next, limit: ReadLimit())
        if fetch.records.isEmpty { return records }
        records += fetch.records
        next = fetch.next
      }
    }
  }

  private func publish(_ bytes: [UInt8], version: Int, on log: EmbeddedLog) throws {
    let producer = try log.makeProducer(id: nil)
    defer { producer.close() }
    try producer.append([AppendBatch(TopicPartition("artifacts", 0), artifactRecords(bytes))])
    try producer.append([
      AppendBatch(TopicPartition("models", 0), [modelRecord(record("m", version, artifact: bytes))])
    ])
  }

  @Test func everyEventOnceAndInOrder() async throws {
    try await withLog { log in
      // A second producer of the same name goes on where the first ended.
      for run in 0..<2 {
        let producer = try await EventProducer(log: log, configuration: patient(100))
        for number in 0..<2_500 {
          try await producer.send(prediction(run * 2_500 + number))
          try await producer.send(label(run * 2_500 + number))
        }
        try await producer.close()
      }
      let predictions = try records(log, "predictions")
      #expect(predictions.map(\.count).reduce(0, +) == 5_000)
      for records in predictions {
        let times = records.map(\.record.timestamp)
        #expect(times == times.sorted())
        #expect(Set(times).count == times.count)
      }
      let labels = try records(log, "labels")
      for partition in 0..<4 {
        #expect(labels[partition].map(\.record.key) == predictions[partition].map(\.record.key))
      }
    }
  }

  @Test func sameEventsSameLog() async throws {
    func run() async throws -> [[StoredRecord]] {
      var stored: [[StoredRecord]] = []
      try await withLog { log in
        let producer = try await EventProducer(log: log, configuration: patient(64))
        for number in 0..<1_000 {
          try await producer.send(prediction(number))
          if number % 10 == 9 { try await producer.flush() }
        }
        try await producer.close()
        stored = try records(log, "predictions")
      }
      return stored
    }
    let first = try await run()
    #expect(try await run() == first)
  }

  /// A version is seen within 50 ms of its publication: the third fastest of ten, as the other tests run beside it.
  @Test func aVersionIsSeenAtOnce() async throws {
    try await withLog { log in
      let subscriber = ModelSubscriber(log: log)
      let seen = Collected<ContinuousClock.Instant>()
      let follower = _Concurrency.Task {
        for await change in subscriber.changes where change.scorer != nil { seen.add(.now) }
      }
      var delays: [Duration] = []
      for version in 1...10 {
        try publish(artifact(rows: version), version: version, on: log)
        let published = ContinuousClock.now
        #expect(await eventually { seen.all.count == version })
        delays.append((seen.all.last ?? .now) - published)
      }
      // Far below any pause between looks, however busy the machine.
      #expect(try #require(delays.min()) < .seconds(1), "\(delays)")
      subscriber.close()
      await follower.value
    }
  }

  @Test func largeArtifactsArriveWhole() async throws {
    try await withLog { log in
      let bytes = try artifact()
      let producer = try log.makeProducer(id: nil)
      // Other artifacts of several megabytes before and behind it.
      let noise = artifactRecords([UInt8](repeating: 7, count: 3 << 20), size: Chunk.artifactPieceBytes)
      let parts: [[Record]] = [noise, artifactRecords(bytes), noise]
      for part in parts { try producer.append([AppendBatch(TopicPartition("artifacts", 0), part)]) }
      let named = modelRecord(record("m", 1, artifact: bytes))
      try producer.append([AppendBatch(TopicPartition("models", 0), [named])])
      producer.close()
      let subscriber = ModelSubscriber(log: log)
      #expect(try subscriber.poll().first?.scorer?.model.encoded() == bytes)
      subscriber.close()
    }
  }

  @Test func servingOnOneLog() async throws {
    try await withLog { log in
      try publish(artifact(), version: 1, on: log)
      let serving = try await Serving(model: "m", log: log)
      let said = try await serving.predict(id: "p-1", features: [Feature(name: "x", value: .number(1))])
      #expect(said.version == 1)
      try publish(artifact(rows: 40), version: 2, on: log)
      #expect(await eventually { serving.champion?.version == 2 })
      try await serving.close()
      #expect(try records(log, "predictions").joined().count == 1)
    }
  }
}

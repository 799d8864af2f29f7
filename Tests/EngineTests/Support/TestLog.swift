import Bytes
import EventLog
import Events
import Foundation
import Log

@testable import Engine

/// An embedded log with all topics in a folder that goes away with the test.
final class TestLog {
  let log: EmbeddedLog
  let configuration: EngineConfiguration
  private let folder: URL
  private let producer: any LogProducer
  private let reader: any LogReader

  /// - Parameter retention: of what serving systems produce.
  init(_ configuration: EngineConfiguration, retention: Retention = .forever) throws {
    self.configuration = configuration
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("leeway-engine-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    log = try EmbeddedLog(path: folder.appendingPathComponent("log.db").path)
    producer = try log.makeProducer(id: nil)
    reader = try log.makeReader()
    for topic in Topic.allCases {
      try log.create(
        TopicSpec(
          name: configuration.names[topic], partitions: configuration.partitions(of: topic),
          retention: [.predictions, .labels, .watermarks].contains(topic) ? retention : .forever,
          compacted: topic.isCompacted))
    }
  }

  deinit {
    producer.close()
    reader.close()
    try? FileManager.default.removeItem(at: folder)
  }

  func append(_ topic: Topic, _ partition: Int = 0, _ records: [Record]) throws {
    guard !records.isEmpty else { return }
    try producer.append([AppendBatch(TopicPartition(configuration.names[topic], partition), records)])
  }

  func records(_ topic: Topic, _ partition: Int) throws -> [StoredRecord] {
    let place = TopicPartition(configuration.names[topic], partition)
    var records: [StoredRecord] = []
    var position = try reader.bounds(of: place).lowerBound
    while true {
      let fetch = try reader.read(place, from: position, limit: ReadLimit())
      records += fetch.records
      position = fetch.next
      if position >= fetch.end { return records }
    }
  }

  /// Every record of a topic, partition after partition.
  func records(_ topic: Topic) throws -> [Record] {
    try (0..<configuration.partitions(of: topic)).flatMap { try records(topic, $0).map(\.record) }
  }

  func read<R: EventRecord>(_ topic: Topic, as type: R.Type = R.self) throws -> [R] {
    try records(topic).map { try R.decode(value: $0.value) }
  }

  /// What the engine has written, by partition.
  func outputs() throws -> [Topic: [[Record]]] {
    var outputs: [Topic: [[Record]]] = [:]
    for topic in Topic.allCases where topic != .checkpoints {
      outputs[topic] = try (0..<configuration.partitions(of: topic)).map { try records(topic, $0).map(\.record) }
    }
    return outputs
  }
}

extension TestLog {
  func joinWorker(_ settings: WorkerSettings = WorkerSettings()) throws -> Worker<JoinStage> {
    let configuration = configuration
    return try Worker(log: log, configuration: configuration, settings: settings) { partition, reader in
      let examples = ExampleReader(reader: reader, names: configuration.names)
      return JoinStage(
        partition: partition, configuration: configuration,
        versions: LogVersionDirectory(reader: reader, configuration: configuration),
        firstFreeNumber: try examples.firstFreeNumber(in: partition))
    }
  }

  func monitorWorker(_ settings: WorkerSettings = WorkerSettings()) throws -> Worker<MonitorStage> {
    let configuration = configuration
    return try Worker(log: log, configuration: configuration, settings: settings) { partition, _ in
      MonitorStage(partition: partition, configuration: configuration)
    }
  }

  func trainWorker(_ settings: WorkerSettings = WorkerSettings()) throws -> Worker<TrainStage> {
    let configuration = configuration
    return try Worker(log: log, configuration: configuration, settings: settings) { partition, _ in
      TrainStage(partition: partition, configuration: configuration)
    }
  }
}

extension Worker {
  /// Steps until there is nothing to do.
  func exhaust() throws {
    while try !step(flush: true).isIdle {}
  }
}

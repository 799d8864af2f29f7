import Bytes
import EventLog
import Events
import Foundation
import Log
import Testing

@testable import leeway

/// A folder with a configuration for topics of its own on a broker that is given.
struct Cluster {
  static let servers = ProcessInfo.processInfo.environment["LEEWAY_KAFKA"]
  /// Seconds after which a dead worker's partitions are another's: the least that brokers take as they come.
  static let session = 6.0
  /// What an engine reads that it has not written.
  static let topics: [Topic] = [.examples, .triggers]

  let folder: Scratch
  let prefix = "leeway-test-\(UUID().uuidString.prefix(8).lowercased())."
  private let log: KafkaLog

  /// - Parameter configuration: for a prefix, the configuration without the log.
  init(_ configuration: (String) -> String) throws {
    let servers = try #require(Self.servers)
    folder = try Scratch()
    try folder.write(
      "leeway.yaml",
      """
      log:
        kafka:
          servers: \(servers)
          replicas: 1
          properties: {session.timeout.ms: \(Int(Self.session * 1_000)), heartbeat.interval.ms: 500}
      \(configuration(prefix))
      """)
    log = try KafkaLog(KafkaOptions(servers: servers, replicas: 1))
    let made = try Child(["topics", "create"], in: folder.path).end(within: 30)
    try #require(made.status == 0, "\(made.errors)")
  }

  func start(_ name: String) throws -> Child {
    try Child(["run", "--quiet", "--name", name], in: folder.path)
  }

  private func places(_ topic: Topic) throws -> [TopicPartition] {
    let count = try #require(try log.partitions(of: prefix + topic.rawValue))
    return (0..<count).map { TopicPartition(prefix + topic.rawValue, $0) }
  }

  /// Appends records to the partitions with the same numbers.
  func append(_ records: [TopicPartition: [Record]], to topic: Topic) throws {
    let producer = try log.makeProducer(id: nil)
    defer { producer.close() }
    try producer.append(
      records.map { AppendBatch(TopicPartition(prefix + topic.rawValue, $0.key.partition), $0.value) })
  }

  func append(_ events: [Station.Event], to topic: Topic) throws {
    let count = try places(topic).count
    let byPartition = Dictionary(grouping: events) { Murmur2.partition(of: Array($0.id.utf8), among: count) }
    let records = byPartition.map { number, events in
      (
        TopicPartition(topic.rawValue, number),
        events.map { Record(timestamp: $0.time, key: Array($0.id.utf8)[...], value: $0.value[...]) }
      )
    }
    try append(Dictionary(records) { $1 }, to: topic)
  }

  /// Where the partitions of a topic end.
  func ends(of topic: Topic) throws -> [TopicPartition: Int64] {
    let reader = try log.makeReader()
    defer { reader.close() }
    return try places(topic).reduce(into: [:]) { $0[$1] = try reader.bounds(of: $1).upperBound }
  }

  func outputs(of topic: Topic) throws -> [String: [String]] {
    let reader = try log.makeReader()
    defer { reader.close() }
    var all: [TopicPartition: [StoredRecord]] = [:]
    for place in try places(topic) {
      var position = try reader.bounds(of: place).lowerBound
      while true {
        let fetch = try reader.read(place, from: position, limit: ReadLimit())
        all[TopicPartition(topic.rawValue, place.partition), default: []] += fetch.records
        position = fetch.next
        if position >= fetch.end { break }
      }
    }
    return try Self.outputs(all)
  }

  /// What the engine's stages wrote, by partition and writer, without the offsets, which are hints, and the times of
  /// machines.
  static func outputs(_ records: [TopicPartition: [StoredRecord]]) throws -> [String: [String]] {
    var texts: [String: [String]] = [:]
    for (place, stored) in records {
      for record in stored.map(\.record) {
        guard let source = record.headers.first(where: { $0.name == "ce_source" }) else { continue }
        let value = try JSONSerialization.jsonObject(with: Data(record.value ?? []))
        let plain = try JSONSerialization.data(withJSONObject: plain(value), options: [.sortedKeys])
        let key = String(decoding: record.key ?? [], as: UTF8.self)
        texts["\(place) \(String(decoding: source.value, as: UTF8.self))", default: []]
          .append("\(key) \(record.timestamp) \(String(decoding: plain, as: UTF8.self))")
      }
    }
    return texts
  }

  private static func plain(_ value: Any) -> Any {
    switch value {
    case let object as [String: Any]:
      object.filter { !["offset", "offsets", "seconds", "configuration"].contains($0.key) }.mapValues(plain)
    case let list as [Any]: list.map(plain)
    default: value
    }
  }
}

import Bytes
import EventLog
import Events
import Foundation
import LeewayClient
import Log
import Models
import TestSupport
import Testing

@testable import leeway

/// A folder with a configuration, a log and a model called `m`, worked on by real processes.
struct Station {
  let folder: Scratch
  static let model = "m"

  init(_ configuration: String) throws {
    folder = try Scratch()
    try folder.write("leeway.yaml", configuration)
    try leeway("topics", "create")
  }

  var log: EmbeddedLog {
    get throws { try EmbeddedLog(path: folder.file("leeway.db")) }
  }

  func start(_ arguments: String...) throws -> Child {
    try Child(arguments, in: folder.path)
  }

  /// Runs a command to its end, which must be a good one.
  @discardableResult
  func leeway(_ arguments: String..., within seconds: Double = 60) throws -> Finished {
    let finished = try Child(arguments, in: folder.path).end(within: seconds)
    try #require(finished.status == 0, "\(arguments): \(finished.errors)")
    return finished
  }

  /// Imports rows as labelled history and has version 1 trained from them.
  func trainFirst(on rows: [Concept.Row]) throws {
    try importHistory(rows)
    try leeway("run", "--until-idle", "--quiet")
  }

  /// Imports rows as labelled history and asks for version 1.
  func importHistory(_ rows: [Concept.Row]) throws {
    try folder.write("history.csv", Concept.csv(rows, columns: ["time", "label"]))
    try leeway("produce", "examples", "--model", Self.model, "--csv", "history.csv")
    try leeway("trigger", Self.model)
  }

  /// The version that serves now.
  func champion() throws -> LocalScorer {
    let log = try log
    defer { log.close() }
    let subscriber = ModelSubscriber(log: log, models: [Self.model])
    defer { subscriber.close() }
    return try #require(try subscriber.poll().compactMap(\.scorer).last)
  }

  /// All records of a topic, partition by partition.
  func records(of topic: Topic) throws -> [TopicPartition: [StoredRecord]] {
    let log = try log
    defer { log.close() }
    let reader = try log.makeReader()
    defer { reader.close() }
    let spec = try #require(try log.spec(of: topic.rawValue))
    var all: [TopicPartition: [StoredRecord]] = [:]
    for place in (0..<spec.partitions).map({ TopicPartition(spec.name, $0) }) {
      var position = try reader.bounds(of: place).lowerBound
      while true {
        let fetch = try reader.read(place, from: position, limit: ReadLimit())
        all[place, default: []] += fetch.records
        position = fetch.next
        if position >= fetch.end { break }
      }
    }
    return all
  }

  func values(of topic: Topic) throws -> [ArraySlice<UInt8>] {
    try records(of: topic).sorted { $0.key < $1.key }.flatMap { $0.value.compactMap(\.record.value) }
  }
}

/// Rows after the manner of STAGGER (Schlimmer and Granger 1986): three categories decide the label by a rule that
/// changes, and a number has nothing to do with it.
enum Concept {
  struct Row {
    let id: String
    let time: Milliseconds
    let features: [Feature]
    let label: Int
  }

  static let features = ["size", "color", "shape", "noise"]

  /// - Parameters:
  ///   - rule: 0, 1 or 2.
  ///   - shift: added to the number.
  static func rows(
    _ ids: Range<Int>, rule: Int, shift: Double = 0, start: Milliseconds, step: Milliseconds,
    using random: inout SplitMix64
  ) -> [Row] {
    ids.map { id in
      let size = ["small", "medium", "large"].randomElement(using: &random) ?? ""
      let color = ["red", "green", "blue"].randomElement(using: &random) ?? ""
      let shape = ["circle", "square", "triangle"].randomElement(using: &random) ?? ""
      let isTrue =
        switch rule {
        case 0: size == "small" && color == "red"
        case 1: color == "green" || shape == "circle"
        default: size != "small"
        }
      let noise = (Double.random(in: 0..<1, using: &random) * 1_000).rounded() / 1_000 + shift
      return Row(
        id: "p-\(id)", time: start + Milliseconds(id) * step,
        features: [
          Feature(name: "size", value: .category(size)), Feature(name: "color", value: .category(color)),
          Feature(name: "shape", value: .category(shape)), Feature(name: "noise", value: .number(noise)),
        ], label: isTrue ? 1 : 0)
    }
  }

  /// The rows as a table of their features and some more columns.
  static func csv(_ rows: [Row], columns: [String], version: Int? = nil, score: (Row) -> Double? = { _ in nil })
    -> String
  {
    let lines = rows.map { row in
      let more = columns.map { column in
        switch column {
        case "id", "prediction_id": row.id
        case "time": "\(row.time)"
        case "label": "\(row.label)"
        case "version": version.map(String.init) ?? ""
        default: score(row).map { "\($0)" } ?? ""
        }
      }
      let values = row.features.map { feature in
        switch feature.value {
        case .number(let number): "\(number)"
        case .category(let text): text
        case .missing: ""
        }
      }
      return (more + values).joined(separator: ",")
    }
    return ([(columns + features).joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
  }
}

extension Station {
  /// Another one with the same configuration and a copy of the log, which nobody may have open.
  func copy() throws -> Station {
    try Station(copyOf: self)
  }

  private init(copyOf other: Station) throws {
    folder = try Scratch()
    for name in try FileManager.default.contentsOfDirectory(atPath: other.folder.path) {
      try FileManager.default.copyItem(atPath: other.folder.file(name), toPath: folder.file(name))
    }
  }

  typealias Event = (id: String, time: Milliseconds, value: [UInt8])

  /// Appends events under their ids, at their own times, in batches.
  func append(_ events: [Event], to topic: Topic) throws {
    let log = try log
    defer { log.close() }
    let partitions = try #require(try log.spec(of: topic.rawValue)).partitions
    let producer = try log.makeProducer(id: nil)
    defer { producer.close() }
    for start in stride(from: 0, to: events.count, by: 500) {
      var records = Array(repeating: [Record](), count: partitions)
      for event in events[start..<min(start + 500, events.count)] {
        let key = Array(event.id.utf8)
        records[Murmur2.partition(of: key, among: partitions)]
          .append(Record(timestamp: event.time, key: key[...], value: event.value[...]))
      }
      try producer.append(
        records.enumerated().map { AppendBatch(TopicPartition(topic.rawValue, $0.offset), $0.element) })
    }
  }
}

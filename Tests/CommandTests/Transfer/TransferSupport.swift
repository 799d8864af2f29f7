import EventLog
import Foundation
import Log
import Recording
import TestSupport
import Testing

@testable import leeway

/// A folder with a log that holds predictions and labels, and the program to work on it.
struct Depot {
  let folder: Scratch
  static let topics = ["predictions", "labels"]

  init() throws {
    folder = try Scratch()
  }

  func leeway(_ arguments: String...) throws -> Finished {
    try Run.process(Run.leeway, arguments, in: folder.path)
  }

  func log(_ name: String = "leeway.db") throws -> EmbeddedLog {
    try EmbeddedLog(path: folder.file(name))
  }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: folder.file(name))))
  }

  /// So many records in two topics of two partitions, a second apart; some have headers, no key or no value.
  static func fill(_ log: any Log, _ count: Int, prefix: String = "", appends: Int = 7) throws {
    for topic in topics { try log.create(TopicSpec(name: prefix + topic, partitions: 2)) }
    let producer = try log.makeProducer(id: nil)
    defer { producer.close() }
    var batches: [TopicPartition: [Record]] = [:]
    for index in 0..<count {
      let time = 1_762_345_600_000 + Int64(index) * 1_000 - (index % 5 == 0 ? 2_500 : 0)
      let value = #"{"id":"p-\#(index)","time":\#(time),"noise":\#(index &* 2_654_435_761 % 99_991)}"#
      let record = Record(
        timestamp: time, key: index % 6 == 0 ? nil : Array("k-\(index)".utf8)[...],
        value: index % 11 == 0 ? nil : Array(value.utf8)[...],
        headers: index % 4 == 0 ? [Header("ce_id", "\(index)"), Header("ce_id", ""), Header("x", "y")] : [])
      batches[TopicPartition(prefix + topics[index % 2], index / 2 % 2), default: []].append(record)
      guard index % appends == appends - 1 || index == count - 1 else { continue }
      try producer.append(batches.sorted { $0.key < $1.key }.map { AppendBatch($0.key, $0.value) })
      batches = [:]
    }
  }

  /// Everything that topics hold, but for the names and offsets.
  static func contents(of log: any Log, _ topics: [String] = topics) throws -> [[Record]] {
    let reader = try log.makeReader()
    defer { reader.close() }
    return try topics.flatMap { topic in
      try (0..<2).map { partition in
        var records: [Record] = []
        try reader.each(of: TopicPartition(topic, partition)) { records.append($0.record) }
        return records
      }
    }
  }
}

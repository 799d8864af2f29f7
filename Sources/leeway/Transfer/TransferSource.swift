import Foundation
import Log
import Recording

/// Records that are copied somewhere, in the order of their timestamps, those of one partition as they were written.
protocol TransferSource: AnyObject {
  /// By their names without the prefix.
  var topics: RecordedTopics { get }
  /// How many records there are at most.
  var total: Int64 { get }
  /// The earliest timestamp, where that is known beforehand.
  var earliest: Int64? { get }
  /// The next one, with the number of its partition among the topics' places; nil behind the last.
  func next() throws -> (place: Int, stored: StoredRecord)?
}

/// A range of some topics of a log. Joins no group and leaves nothing there.
final class LogSource: TransferSource {
  let topics: RecordedTopics
  let total: Int64
  let earliest: Int64?

  /// Partitions that one reader reads: of more than that a cluster's goes on fetching some only.
  private static let share = 8

  private let readers: [any LogReader]
  private var merge: TimestampMerge
  private let places: [Int]
  /// The first record, which has been looked at.
  private var first: (source: Int, stored: StoredRecord)?

  /// - Parameters:
  ///   - begun: where an earlier copy stopped, by place.
  /// - Throws: `CommandError` where there is no such topic, and where some of the range is gone, or all of it empty while
  ///   nothing has been copied.
  init(_ found: FoundTopics, _ range: RangeOptions, begun: [Int: Int64] = [:]) throws {
    let reader = try found.log.makeReader()
    (topics, places) = (found.topics, found.places(range.partition))
    let partitions = places.map { found.partition(of: found.topics.places[$0]) }
    let done = zip(places, partitions).reduce(into: [TopicPartition: Int64]()) { $0[$1.1] = begun[$1.0] }
    let ranges = try range.ranges(of: partitions, reader, begun: done)
    total = ranges.reduce(0) { $0 + Int64($1.1.count) }
    guard total > 0 || !begun.isEmpty else { throw Self.empty(found, range) }
    readers = try [reader] + (0..<(ranges.count - 1) / Self.share).map { _ in try found.log.makeReader() }
    merge = TimestampMerge(readers, ranges: ranges)
    first = try merge.next()
    earliest = first?.stored.record.timestamp
    guard range.to == nil || range.to == .end else { return }
    for (place, end) in try HeldPartitions.lasting(partitions, reader) {
      Terminal.complain(HeldPartitions.describe(place, end))
    }
  }

  /// - Throws: what making one would where no copy has begun.
  static func check(_ found: FoundTopics, _ range: RangeOptions) throws {
    let reader = try found.log.makeReader()
    defer { reader.close() }
    let partitions = found.places(range.partition).map { found.partition(of: found.topics.places[$0]) }
    guard try range.ranges(of: partitions, reader).contains(where: { !$0.1.isEmpty }) else { throw empty(found, range) }
  }

  deinit {
    for reader in readers { reader.close() }
  }

  func next() throws -> (place: Int, stored: StoredRecord)? {
    defer { first = nil }
    return try (first ?? merge.next()).map { (places[$0.source], $0.stored) }
  }

  static func empty(_ found: FoundTopics, _ range: RangeOptions) -> CommandError {
    let isWhole = range.from == nil && range.to == nil && range.partition == nil
    return CommandError(
      isWhole ? "no records" : "no records in that range", at: found.topics.topics.map(\.name).joined(separator: ", "),
      remedy: "leeway tail TOPIC shows what a topic holds")
  }
}

/// A recording. The records of each of its partitions are numbered from 0: so what has been copied of it is told of every
/// recording of the same content, whatever the offsets there.
final class RecordedSource: TransferSource {
  private let reader: RecordingReader
  /// Of the next record, by place.
  private var numbers: [Int64]
  private var block: RecordedBlock?
  private var run = 0
  private var record = 0

  init(_ reader: RecordingReader) {
    self.reader = reader
    numbers = Array(repeating: 0, count: reader.topics.places.count)
  }

  var topics: RecordedTopics { reader.topics }
  var total: Int64 { reader.summary.records }
  var earliest: Int64? { reader.summary.times?.lowerBound }

  func next() throws -> (place: Int, stored: StoredRecord)? {
    while true {
      if let block {
        while run < block.runs.count {
          if record < block.runs[run].range.upperBound {
            let place = block.runs[run].place
            defer {
              numbers[place] += 1
              record += 1
            }
            return (place, StoredRecord(offset: numbers[place], record: block.records[record].record))
          }
          run += 1
        }
      }
      block = try reader.next()
      guard block != nil else { return nil }
      (run, record) = (0, 0)
    }
  }
}

/// Topics of a log that were asked for.
struct FoundTopics {
  let log: any Log
  /// By their names without the prefix.
  let topics: RecordedTopics
  private let names: [String: String]

  /// - Parameter names: as people give them: without the prefix, or whole.
  init(_ names: [String], in log: any Log, _ configuration: LeewayConfiguration) throws {
    let prefix = configuration.topics.prefix
    var found: [RecordedTopic] = []
    var whole: [String: String] = [:]
    for name in names {
      // Whoever may read a topic may not always see how it is set, which listing them would ask.
      let candidates = [prefix + name, name]
      guard
        let (real, partitions) = try candidates.lazy.compactMap({ name in
          try log.partitions(of: name).map { (name, $0) }
        }).first
      else {
        _ = try log.topics().find(name, prefix: prefix, log: configuration.log.shown)
        throw CommandError("there is no topic \"\(prefix + name)\"", at: configuration.log.shown)
      }
      let short = real.hasPrefix(prefix) ? String(real.dropFirst(prefix.count)) : real
      found.append(RecordedTopic(name: short, partitions: partitions))
      whole[short] = real
    }
    self.log = log
    topics = try RecordedTopics(found)
    self.names = whole
  }

  /// Where one of the topics' places is in the log.
  func partition(of place: TopicPartition) -> TopicPartition {
    TopicPartition(names[place.topic] ?? place.topic, place.partition)
  }

  /// The numbers of the places with this partition, or of all.
  func places(_ partition: Int?) -> [Int] {
    topics.places.indices.filter { place in partition.map { $0 == topics.places[place].partition } ?? true }
  }

  /// - Throws: `CommandError` where a topic has no partition of this number.
  func check(_ partition: Int?) throws(CommandError) {
    guard let partition else { return }
    for topic in topics.topics where partition >= topic.partitions {
      throw CommandError(
        "there is no partition \(partition)", at: topic.name, remedy: "they are 0 to \(topic.partitions - 1)")
    }
  }
}

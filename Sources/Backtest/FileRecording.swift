import Bytes
public import Events
import Log
import Recording

/// Topics in a file that `leeway export` wrote.
public struct FileRecording: TopicRecording {
  /// Fewer than one record wanted in so many is sparse.
  private static let mostSparse = 4

  private let path: String
  private let summary: RecordingSummary
  private let topics: RecordedTopics
  /// Timestamps of the events that count; all of them by default.
  private let times: ClosedRange<Milliseconds>
  public let partitions: Int

  /// - Throws: `RecordingError` where the file is none or is cut.
  public init(_ path: String, times: ClosedRange<Milliseconds> = .min ... .max) throws {
    let reader = try RecordingReader(path: path)
    (self.path, summary, topics, self.times) = (path, reader.summary, reader.topics, times)
    partitions = topics.places.count { $0.topic == Topic.predictions.rawValue }
  }

  public func count(of topic: Topic) -> Int {
    zip(topics.places, summary.places).reduce(0) { count, place in
      guard place.0.topic == topic.rawValue, let recorded = place.1.times,
        !Topic.ofStretches.contains(topic) || recorded.overlaps(times)
      else { return count }
      return count + Int(place.1.records)
    }
  }

  public func read(_ wanted: Set<Topic>, _ take: (RecordRun) throws -> Void) throws {
    let reader = try RecordingReader(path: path)
    let places = reader.topics.places.map { place in
      Topic(rawValue: place.topic).flatMap { wanted.contains($0) ? $0 : nil }
    }
    // Behind the last record that is wanted nothing needs to be read.
    var left = zip(places, summary.places).reduce(Int64(0)) { $0 + ($1.0 == nil ? 0 : $1.1.records) }
    while left > 0, let block = try reader.next() {
      let isSparse =
        Self.mostSparse * block.runs.reduce(0) { $0 + (places[$1.place] == nil ? 0 : $1.range.count) }
        < block.records.count
      for run in block.runs {
        guard let topic = places[run.place] else { continue }
        left -= Int64(run.range.count)
        var records = Topic.ofStretches.contains(topic) ? within(block.records[run.range]) : block.records[run.range]
        if isSparse { records = Self.alone(records) }
        guard let last = records.last else { continue }
        try take(
          RecordRun(topic, reader.topics.places[run.place].partition, records, next: last.offset.saturatingAdd(1)))
      }
    }
  }

  /// The same with bytes of their own: where few of a block's records are wanted, each would keep all of the block.
  private static func alone(_ records: ArraySlice<StoredRecord>) -> ArraySlice<StoredRecord> {
    func copy(_ bytes: ByteSlice) -> ByteSlice { Array(bytes)[...] }
    return records.map { stored in
      var record = stored.record
      record.key = record.key.map(copy)
      record.value = record.value.map(copy)
      record.headers = record.headers.map { Header($0.name, copy($0.value)) }
      return StoredRecord(offset: stored.offset, record: record)
    }[...]
  }

  /// Records stand in the order of their timestamps but for those that a producer dated back.
  private func within(_ records: ArraySlice<StoredRecord>) -> ArraySlice<StoredRecord> {
    if times == .min ... .max { return records }
    return records.filter { times.contains($0.record.timestamp) }[...]
  }
}

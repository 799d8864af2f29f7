public import Events
import Log
import Recording

/// Topics in a file that `leeway export` wrote.
public struct FileRecording: TopicRecording {
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
    zip(topics.places, summary.places).reduce(0) { $0 + ($1.0.topic == topic.rawValue ? Int($1.1.records) : 0) }
  }

  public func read(_ wanted: Set<Topic>, _ take: (RecordRun) throws -> Void) throws {
    let reader = try RecordingReader(path: path)
    let places = reader.topics.places.map { place in
      Topic(rawValue: place.topic).flatMap { wanted.contains($0) ? $0 : nil }
    }
    // Behind the last record that is wanted nothing needs to be read.
    var left = zip(places, summary.places).reduce(Int64(0)) { $0 + ($1.0 == nil ? 0 : $1.1.records) }
    while left > 0, let block = try reader.next() {
      for run in block.runs {
        guard let topic = places[run.place] else { continue }
        left -= Int64(run.range.count)
        let records = Topic.ofStretches.contains(topic) ? within(block.records[run.range]) : block.records[run.range]
        guard let last = records.last else { continue }
        try take(
          RecordRun(topic, reader.topics.places[run.place].partition, records, next: last.offset.saturatingAdd(1)))
      }
    }
  }

  /// Records stand in the order of their timestamps but for those that a producer dated back.
  private func within(_ records: ArraySlice<StoredRecord>) -> ArraySlice<StoredRecord> {
    if times == .min ... .max { return records }
    return records.filter { times.contains($0.record.timestamp) }[...]
  }
}

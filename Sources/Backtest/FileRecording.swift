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
  /// Nil for all of it.
  private let times: ClosedRange<Milliseconds>?
  /// Records that count, by place.
  private var counts: [Int64]
  public let partitions: Int

  /// Reads all of the file once where a stretch of it is taken, to know how much that is.
  ///
  /// - Parameter times: of each partition of events the records count from the first one on that is of these times or
  ///   later, up to the first one that is later, as with a log; all of them by default.
  /// - Throws: `RecordingError` where the file is none or is cut.
  public init(_ path: String, times: ClosedRange<Milliseconds> = .min ... .max) throws {
    let reader = try RecordingReader(path: path)
    (self.path, summary, topics) = (path, reader.summary, reader.topics)
    self.times = times == .min ... .max ? nil : times
    partitions = topics.places.count { $0.topic == Topic.predictions.rawValue }
    counts = summary.places.map(\.records)
    if self.times != nil { try countStretch() }
  }

  private mutating func countStretch() throws {
    var found = topics.places.indices.map { isOfStretches($0) ? 0 : counts[$0] }
    try read(Topic.ofStretches) { run in
      guard let place = topics.place(of: TopicPartition(run.topic.rawValue, run.partition)) else { return }
      found[place] += Int64(run.records.count)
    }
    counts = found
  }

  private func isOfStretches(_ place: Int) -> Bool {
    Topic(rawValue: topics.places[place].topic).map(Topic.ofStretches.contains) ?? false
  }

  public func count(of topic: Topic) -> Int {
    zip(topics.places, counts).reduce(0) { $1.0.topic == topic.rawValue ? $0 + Int($1.1) : $0 }
  }

  public func read(_ wanted: Set<Topic>, _ take: (RecordRun) throws -> Void) throws {
    let reader = try open()
    let places = topics.places.map { Topic(rawValue: $0.topic).flatMap { wanted.contains($0) ? $0 : nil } }
    var stretches = places.indices.map { isOfStretches($0) ? times.map { Stretch($0) } : nil }
    // Behind the last record that is wanted nothing needs to be read.
    var left = zip(places, summary.places).map { $0 == nil ? 0 : $1.records }
    while left.contains(where: { $0 > 0 }), let block = try reader.next() {
      let isSparse =
        Self.mostSparse * block.runs.reduce(0) { $0 + (places[$1.place] == nil ? 0 : $1.range.count) }
        < block.records.count
      for run in block.runs where left[run.place] > 0 {
        guard let topic = places[run.place] else { continue }
        left[run.place] -= Int64(run.range.count)
        var records = block.records[run.range]
        if let within = stretches[run.place]?.take(records) {
          records = within
          if stretches[run.place]?.hasEnded == true { left[run.place] = 0 }
        }
        if isSparse { records = Self.alone(records) }
        guard let last = records.last else { continue }
        try take(RecordRun(topic, topics.places[run.place].partition, records, next: last.offset.saturatingAdd(1)))
      }
    }
  }

  /// - Throws: where another file stands there by now, too: all that is read has to be of the same records.
  private func open() throws -> RecordingReader {
    let reader = try RecordingReader(path: path)
    guard reader.topics == topics, reader.summary == summary else {
      throw BacktestError("\(path) has changed while it was read: begin again with a file that stays as it is")
    }
    return reader
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
}

/// A stretch of a partition, as its records come: those that were dated back within it belong to it.
private struct Stretch {
  private let times: ClosedRange<Milliseconds>
  private var hasBegun = false
  private(set) var hasEnded = false

  init(_ times: ClosedRange<Milliseconds>) {
    self.times = times
  }

  /// Those of the next records that belong to it.
  mutating func take(_ records: ArraySlice<StoredRecord>) -> ArraySlice<StoredRecord> {
    var rest = records
    if !hasBegun { rest = rest.drop { $0.record.timestamp < times.lowerBound } }
    hasBegun = hasBegun || !rest.isEmpty
    let within = rest.prefix { $0.record.timestamp <= times.upperBound }
    hasEnded = within.count < rest.count
    return within
  }
}

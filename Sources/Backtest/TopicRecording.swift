public import Engine
public import Events
public import Log

/// Records of one partition that follow one another.
public struct RecordRun: Sendable {
  public var topic: Topic
  public var partition: Int
  public var records: ArraySlice<StoredRecord>
  /// The offset behind them.
  public var next: Int64

  public init(_ topic: Topic, _ partition: Int, _ records: ArraySlice<StoredRecord>, next: Int64) {
    (self.topic, self.partition, self.records, self.next) = (topic, partition, records, next)
  }

  /// Of all values.
  public var bytes: Int { records.indices.reduce(0) { $0 + (records[$1].record.value?.count ?? 0) } }
}

/// Records of one partition of `summaries` that follow one another, read.
public struct SummaryRun: Sendable {
  public var partition: Int
  public var records: [ReadSummary]
  /// The offset behind them, and the timestamp of the last one.
  public var next: Int64
  public var time: Milliseconds
  /// Of all values, as they were recorded.
  public var bytes: Int

  /// Nil without records.
  public init?(_ run: RecordRun) {
    guard let last = run.records.last else { return nil }
    (partition, next, time, bytes) = (run.partition, run.next, last.record.timestamp, run.bytes)
    records = run.records.map { ReadSummary($0) }
  }
}

extension Topic {
  /// Topics of which a stretch of time may be taken; of the others everything counts.
  public static let ofStretches: Set<Topic> = [.predictions, .labels, .features, .watermarks, .summaries]
}

/// Topics as they were written, in the order of a recording: in that of their records' timestamps, those of one partition as
/// they were written; of equal ones the topic's name and then the partition decide. Can be read again and again, always the
/// same.
public protocol TopicRecording: Sendable {
  /// Partitions of the topics of events.
  var partitions: Int { get }
  /// Records that it holds of a topic; 0 where it does not have the topic. What is not known is estimated from above.
  func count(of topic: Topic) -> Int
  /// Hands over the records of these topics. What `take` throws ends reading.
  func read(_ topics: Set<Topic>, _ take: (RecordRun) throws -> Void) throws
  /// Hands over the records of `summaries`, read. What `take` throws ends reading.
  func readSummaries(_ take: (SummaryRun) throws -> Void) throws
}

extension TopicRecording {
  public func readSummaries(_ take: (SummaryRun) throws -> Void) throws {
    try read([.summaries]) { run in
      if let run = SummaryRun(run) { try take(run) }
    }
  }
}

/// The events of recorded topics, to be scored anew.
public struct RecordedEvents: EventRecording {
  private let topics: any TopicRecording
  private let model: String

  /// - Parameter model: whose rows.
  public init(_ topics: any TopicRecording, model: String) {
    self.topics = topics
    self.model = model
  }

  public var rows: Int { topics.count(of: .predictions) }

  /// Labels stand behind the predictions of their time: one that came with its prediction finds it.
  public func read(_ take: (TimedEvent) throws -> Void) throws {
    var time = Milliseconds.min
    var labels: [TimedEvent] = []
    try topics.read([.predictions, .labels]) { run in
      for stored in run.records {
        if stored.record.timestamp > time {
          try labels.forEach(take)
          labels.removeAll(keepingCapacity: true)
          time = stored.record.timestamp
        }
        guard let event = event(stored.record, run.topic) else { continue }
        let timed = TimedEvent(time: time, event: event)
        if run.topic == .labels { labels.append(timed) } else { try take(timed) }
      }
    }
    try labels.forEach(take)
  }

  /// Nil for another model's.
  private func event(_ record: Record, _ topic: Topic) -> RecordedEvent? {
    do throws(EventError) {
      guard let value = record.value else { return .unreadable("a record of \(topic.rawValue) has no value") }
      if topic == .predictions {
        let prediction = try Prediction.decode(value)
        return prediction.model == model ? .prediction(prediction) : nil
      }
      let label = try Label.decode(value)
      return label.model == model ? .label(label) : nil
    } catch {
      return .unreadable("a record of \(topic.rawValue) cannot be read: \(error)")
    }
  }
}

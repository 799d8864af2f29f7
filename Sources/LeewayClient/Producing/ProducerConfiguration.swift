public import Events
import Foundation

/// How an `EventProducer` names, places, stamps, writes and batches what it sends.
public struct ProducerConfiguration: Sendable {
  /// What predictions and labels are keyed by. The two must agree with Join's configuration, because what joins has
  /// to share a partition.
  public enum Key: Sendable {
    /// The prediction's id: features travel in the prediction.
    case prediction
    /// The entity: features come from their own topic.
    case entity
  }

  /// Where the log's timestamps come from.
  public enum Timestamps: Sendable {
    /// The event's own time: the same events make the same bytes.
    case eventTime
    /// Milliseconds since 1970, read when the event is accepted.
    case clock(@Sendable () -> Milliseconds)

    public static let wallClock = Timestamps.clock { Milliseconds(Date().timeIntervalSince1970 * 1_000) }
  }

  /// How predictions are written; labels and feature updates are JSON in any case.
  public enum Form: Sendable {
    case json
    /// As `BinaryEvent`, which costs the engine about a quarter to read. A prediction that the form has no room for,
    /// such as one of a version beyond 32 bits, is written as JSON: a topic may hold both.
    case binary
  }

  /// A name that is this producer's alone, so that the log recognises its retries; `nil` lets the log choose one.
  /// Two producers that are open at once must not share a name.
  public var id: String?
  public var topicPrefix = ""
  public var key = Key.prediction
  public var timestamps = Timestamps.wallClock
  public var form = Form.json
  public var batch = BatchLimits()
  public var buffer = BufferLimits()
  public var retry = RetryPolicy()

  public init() {}
}

/// When waiting events are sent: as soon as one of these is reached.
public struct BatchLimits: Sendable {
  public var events = 1_000
  public var bytes = 256 << 10
  /// How long an event waits for company; `nil` waits for a full batch, `flush()` or `close()`, which makes the
  /// batches a function of the events alone.
  public var linger: Duration? = .milliseconds(5)

  public init() {}
}

/// What a producer holds in memory, events on their way to the log included.
public struct BufferLimits: Sendable {
  public var events = 10_000
  public var bytes = 16 << 20
  /// One event, key and value; larger ones are refused.
  public var eventBytes = 1 << 20

  public init() {}
}

/// How often an append that may succeed later is tried again.
public struct RetryPolicy: Sendable {
  /// After the first try.
  public var retries = 8
  /// Before the first retry; doubled before each further one.
  public var pause: Duration = .milliseconds(20)
  public var longestPause: Duration = .seconds(1)

  public init() {}

  func pause(beforeRetry number: Int) -> Duration {
    min(longestPause, pause * (1 << min(number, 20)))
  }
}

extension ProducerConfiguration {
  func check() throws(ClientError) {
    func require(_ holds: Bool, _ message: String) throws(ClientError) {
      if !holds { throw ClientError(.invalidConfiguration, "event producer: \(message)") }
    }
    try require(id != "", "the id is empty: give a name, or nil to let the log choose one")
    try require(batch.events >= 1, "batch.events is \(batch.events), but a batch holds at least 1 event")
    try require(batch.bytes >= 1, "batch.bytes is \(batch.bytes), but a batch holds at least 1 byte")
    try require(
      buffer.events >= batch.events,
      "buffer.events is \(buffer.events), less than batch.events, \(batch.events): a batch must fit into the buffer")
    try require(
      buffer.bytes >= batch.bytes,
      "buffer.bytes is \(buffer.bytes), less than batch.bytes, \(batch.bytes): a batch must fit into the buffer")
    try require(
      (1...buffer.bytes).contains(buffer.eventBytes),
      "buffer.eventBytes is \(buffer.eventBytes), but an event must fit into buffer.bytes, \(buffer.bytes)")
    try require((batch.linger ?? .zero) >= .zero, "batch.linger is negative")
    try require(retry.retries >= 0, "retry.retries is \(retry.retries), but cannot be negative")
    try require(retry.pause >= .zero && retry.longestPause >= .zero, "a pause between retries is negative")
  }
}

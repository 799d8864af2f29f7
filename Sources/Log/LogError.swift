/// What went wrong with a log: where, and what to do about it.
public struct LogError: Error, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    case unknownTopic, unknownPartition, topicExists, invalidArgument
    case notALog, newerFormat, damaged, offsetOutOfRange
    case readOnly, diskFull, tooLarge
    case groupOwned, fenced, sequenceGap
    case denied, unavailable, closed
  }

  public let code: Code
  /// One sentence: what was wrong, where, and what to do.
  public let message: String
  /// Whether the same call may succeed later, unchanged.
  public let retriable: Bool
  /// For `damaged` and `offsetOutOfRange` in a poll or a read: where the records are that cannot be read.
  public let partition: TopicPartition?
  /// With `partition`: the offsets that cannot be read. Reading may go on from the upper bound.
  public let offsets: Range<Int64>?

  public init(
    _ code: Code, _ message: String, retriable: Bool = false, partition: TopicPartition? = nil,
    offsets: Range<Int64>? = nil
  ) {
    self.code = code
    self.message = message
    self.retriable = retriable
    self.partition = partition
    self.offsets = offsets
  }

  public var description: String { message }
}

/// A record that could not be used: one record of `deadletters`.
public struct DeadLetter: Hashable, Sendable {
  public var topic: String
  public var partition: Int
  /// -1 for a record that was taken and turned out not to fit later.
  public var offset: Int64
  /// A stable word for counting, such as `not_json`.
  public var code: String
  /// What was wrong, where.
  public var reason: String
  /// The log's timestamp of the record.
  public var time: Milliseconds
  /// The record's first bytes, as text.
  public var sample: String

  public init(
    topic: String, partition: Int, offset: Int64, code: String, reason: String, time: Milliseconds, sample: String
  ) {
    self.topic = topic
    self.partition = partition
    self.offset = offset
    self.code = code
    self.reason = reason
    self.time = time
    self.sample = sample
  }
}

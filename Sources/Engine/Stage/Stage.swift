public import Bytes
public import Events
public import Log

/// One of the four functions over topics, for one partition: a state machine without clock, threads or I/O.
///
/// A stage takes the records of its input topics one by one, in an order that depends on their content alone, and
/// writes outputs. Where a poll ends or a commit falls never shows in what it writes.
public protocol Stage {
  static var name: String { get }
  /// The topics it reads.
  var inputs: [Topic] { get }
  /// Those of them that must be read to their end before the others are read on.
  var leading: [Topic] { get }
  /// Whether it takes the records of its inputs in an order of their own, however they are polled. Where it does not, a
  /// restart first reads every input up to what was committed, so as to end in the state that was committed.
  var ordersInputs: Bool { get }
  /// The topics that it writes beside dead letters.
  var outputTopics: [Topic] { get }

  /// Queues records and takes as many as may be taken now.
  ///
  /// - Parameter next: where the topic will be read on.
  /// - Throws: what a port throws. The stage must then be thrown away and restored from its snapshot.
  mutating func process(
    _ records: ArraySlice<StoredRecord>, of topic: Topic, next: Int64, into outputs: inout Outputs
  ) throws
  /// Takes note of records that cannot be read, from the letter's offset to `next`, where their turn comes.
  mutating func damaged(_ letter: DeadLetter, of topic: Topic, next: Int64, into outputs: inout Outputs) throws
  /// The first offset of each input that has not been taken: what a commit stores and a restart reads from.
  var positions: [Topic: Int64] { get }
  /// The event time up to which it has worked its input off; what it has yet to take stands no earlier in its order.
  var eventTime: Milliseconds { get }
  /// Whether more of this input would only pile up while another one is waited for.
  func isSaturated(_ topic: Topic) -> Bool

  /// Everything taken so far, without what is merely queued.
  func encodeState(into writer: inout ByteWriter)
  mutating func restoreState(from reader: inout ByteReader) throws(ByteError)
  /// A topic, not among its inputs, that lacks what this state is known to have written there: it was made anew. Asked once
  /// of a state that was restored.
  func lostHistory(_ reader: any LogReader, _ configuration: EngineConfiguration) throws -> TopicPartition?
  /// Looks up, of what it has written, what a replay cannot tell again. Asked once of a state that was made anew, or that
  /// lies behind what is committed.
  mutating func recall(_ reader: any LogReader, _ configuration: EngineConfiguration) throws
  /// Where each input will be read from, told once before the first record and after the state was restored.
  mutating func start(at positions: [Topic: Int64])
}

extension Stage {
  public var leading: [Topic] { [] }
  public var ordersInputs: Bool { true }
  public var outputTopics: [Topic] { [] }
  public var eventTime: Milliseconds { .max }
  public func isSaturated(_ topic: Topic) -> Bool { false }
  public func lostHistory(_ reader: any LogReader, _ configuration: EngineConfiguration) throws -> TopicPartition? {
    nil
  }
  public mutating func recall(_ reader: any LogReader, _ configuration: EngineConfiguration) throws {}

  /// For a stage that acts on records as they come.
  public mutating func damaged(
    _ letter: DeadLetter, of topic: Topic, next: Int64, into outputs: inout Outputs
  ) throws {
    outputs.taking(topic, at: letter.offset)
    outputs.emit(letter)
    try process([], of: topic, next: next, into: &outputs)
  }
}

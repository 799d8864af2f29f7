/// The promise that topics of a partition have passed `time` at the offsets given: one record of `watermarks`, in the
/// partition that it speaks of. Written by the worker that owns the partition when producers are silent, and read back as
/// data, so that a replay closes the same panes at the same place.
public struct Watermark: Hashable, Sendable {
  public var partition: Int
  public var time: Milliseconds
  /// Per topic (its name without prefix), the first offset that the promise covers. It says nothing of other topics.
  public var offsets: [TopicOffset]

  public init(partition: Int, time: Milliseconds, offsets: [TopicOffset]) {
    self.partition = partition
    self.time = time
    self.offsets = offsets
  }
}

/// A position in one topic of the partition at hand.
public struct TopicOffset: Hashable, Sendable {
  public var topic: String
  public var offset: Int64

  public init(topic: String, offset: Int64) {
    self.topic = topic
    self.offset = offset
  }
}

import Bytes
public import Log

/// A topic as a recording knows it: how long records are kept and the like are a log's matter.
public struct RecordedTopic: Hashable, Sendable {
  /// Without a configuration's prefix.
  public let name: String
  public let partitions: Int

  public init(name: String, partitions: Int) {
    self.name = name
    self.partitions = partitions
  }
}

/// The topics of a recording, and its places: their partitions, counted through in the order of the topics' names.
public struct RecordedTopics: Equatable, Sendable {
  /// By name.
  public let topics: [RecordedTopic]
  /// Every partition of every topic, also one of which nothing is recorded.
  public let places: [TopicPartition]

  /// - Throws: `invalidArgument` for a topic that is there twice, and beyond the limits.
  public init(_ topics: [RecordedTopic]) throws(RecordingError) {
    let sorted = topics.sorted { $0.name < $1.name }
    for (left, right) in zip(sorted, sorted.dropFirst()) where left.name == right.name {
      throw RecordingError(.invalidArgument, "Topic \(left.name) is named twice.")
    }
    var partitions = 0
    for topic in sorted {
      guard topic.partitions >= 1, topic.partitions <= RecordingLimits.partitions - partitions,
        sorted.count <= RecordingLimits.topics, (1...RecordingLimits.nameBytes).contains(topic.name.utf8.count)
      else {
        throw RecordingError(
          .invalidArgument,
          "A recording holds 1 to \(RecordingLimits.topics) topics with \(RecordingLimits.partitions) partitions in all, and "
            + "names of at most \(RecordingLimits.nameBytes) bytes.")
      }
      partitions += topic.partitions
    }
    self.topics = sorted
    places = sorted.flatMap { topic in (0..<topic.partitions).map { TopicPartition(topic.name, $0) } }
  }

  /// The number of a partition among the places.
  public func place(of partition: TopicPartition) -> Int? {
    var first = 0
    for topic in topics {
      if topic.name == partition.topic {
        return (0..<topic.partitions).contains(partition.partition) ? first + partition.partition : nil
      }
      first += topic.partitions
    }
    return nil
  }

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.append(topics) { writer, topic in
      writer.append(topic.name)
      writer.append(count: topic.partitions)
    }
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(ByteError) {
    var reader = ByteReader(bytes)
    let topics = try reader.array { reader throws(ByteError) in
      RecordedTopic(name: try reader.string(), partitions: try reader.index(upTo: RecordingLimits.partitions))
    }
    try reader.expectEnd()
    do throws(RecordingError) {
      self = try RecordedTopics(topics)
    } catch {
      throw reader.failure(error.message)
    }
    guard self.topics == topics else { throw reader.failure("topics that are out of order") }
  }
}

import Bytes
public import Log

/// The topics of a recording, and its places: their partitions, counted through in the order of the topics' names.
public struct RecordedTopics: Equatable, Sendable {
  /// By name.
  public let specs: [TopicSpec]
  /// Every partition of every topic, also one of which nothing is recorded.
  public let places: [TopicPartition]

  /// - Throws: `invalidArgument` for a topic that is there twice, and beyond the limits.
  public init(_ specs: [TopicSpec]) throws(RecordingError) {
    let sorted = specs.sorted { $0.name < $1.name }
    for (left, right) in zip(sorted, sorted.dropFirst()) where left.name == right.name {
      throw RecordingError(.invalidArgument, "Topic \(left.name) is named twice.")
    }
    var partitions = 0
    for spec in sorted {
      guard spec.partitions >= 1, spec.partitions <= RecordingLimits.partitions - partitions,
        sorted.count <= RecordingLimits.topics, (1...RecordingLimits.nameBytes).contains(spec.name.utf8.count)
      else {
        throw RecordingError(
          .invalidArgument,
          "A recording holds 1 to \(RecordingLimits.topics) topics with \(RecordingLimits.partitions) partitions in all, and "
            + "names of at most \(RecordingLimits.nameBytes) bytes.")
      }
      partitions += spec.partitions
    }
    self.specs = sorted
    places = sorted.flatMap { spec in (0..<spec.partitions).map { TopicPartition(spec.name, $0) } }
  }

  /// The number of a partition among the places.
  public func place(of partition: TopicPartition) -> Int? {
    var first = 0
    for spec in specs {
      if spec.name == partition.topic {
        return (0..<spec.partitions).contains(partition.partition) ? first + partition.partition : nil
      }
      first += spec.partitions
    }
    return nil
  }

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.append(specs) { writer, spec in
      writer.append(spec.name)
      writer.append(count: spec.partitions)
      writer.append(spec.retention.milliseconds) { $0.append(signed: $1) }
      writer.append(spec.retention.bytes) { $0.append(signed: $1) }
      writer.append(spec.compacted)
    }
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(ByteError) {
    var reader = ByteReader(bytes)
    var left = RecordingLimits.partitions
    let specs = try reader.array { reader throws(ByteError) in
      let name = try reader.string()
      let partitions = try reader.index(upTo: left)
      left -= partitions
      let milliseconds = try reader.optional { reader throws(ByteError) in try reader.signed() }
      let bytes = try reader.optional { reader throws(ByteError) in try reader.signed() }
      return TopicSpec(
        name: name, partitions: partitions, retention: Retention(milliseconds: milliseconds, bytes: bytes),
        compacted: try reader.bool())
    }
    try reader.expectEnd()
    do throws(RecordingError) {
      self = try RecordedTopics(specs)
    } catch {
      throw reader.failure(error.message)
    }
    guard self.specs == specs else { throw reader.failure("topics that are out of order") }
  }
}

import CRdKafka
import Log

/// Reads any partition of a Kafka cluster from any place, committed records only. In no group.
///
/// It goes on fetching the partitions that were read last, `KafkaLimits.streams` at most; each holds ahead of its reader
/// what `KafkaLimits.queuedKilobytes` says, and a fetch more.
final class KafkaReader: LogReader {
  private let topics: KafkaTopics
  private let handle: KafkaHandle
  private var streams: [TopicPartition: KafkaStream] = [:]
  /// The partitions of `streams`, the one that was read last at the end.
  private var recent: [TopicPartition] = []
  /// How many partitions it goes on fetching.
  var fetchedPartitions: Int { streams.count }

  init(_ topics: KafkaTopics, _ options: KafkaOptions) throws(LogError) {
    self.topics = topics
    handle = try KafkaHandle(
      RD_KAFKA_CONSUMER, options,
      settings: [
        "isolation.level": "read_committed", "enable.auto.commit": "false", "enable.auto.offset.store": "false",
        "auto.offset.reset": "error", "enable.partition.eof": "true",
        "fetch.wait.max.ms": "\(KafkaLimits.fetchWaitMilliseconds)",
        "queued.min.messages": "\(KafkaLimits.queuedRecords)",
        "queued.max.messages.kbytes": "\(KafkaLimits.queuedKilobytes)",
      ])
  }

  deinit { close() }

  func close() {
    (streams, recent) = ([:], [])
    handle.destroy()
  }

  func bounds(of partition: TopicPartition) throws(LogError) -> Range<Int64> {
    _ = try handle.open()
    try topics.check(partition)
    return try topics.bounds(of: partition)
  }

  func ends(of partitions: [TopicPartition]) throws(LogError) -> [TopicPartition: PartitionEnd] {
    _ = try handle.open()
    for partition in partitions { try topics.check(partition) }
    return try topics.ends(of: partitions)
  }

  func settle(_ partition: TopicPartition) throws(LogError) {
    _ = try handle.open()
    try topics.check(partition)
    try topics.settle(partition)
  }

  func offset(in partition: TopicPartition, atOrAfter time: Int64) throws(LogError) -> Int64 {
    let bounds = try bounds(of: partition)
    return try topics.offset(in: partition, atOrAfter: time) ?? bounds.upperBound
  }

  func read(_ partition: TopicPartition, from offset: Int64, limit: ReadLimit) throws(LogError) -> Fetch {
    if let stream = streams[partition], let fetch = stream.held(from: offset, limit) {
      touch(partition)
      return fetch
    }
    let bounds = try bounds(of: partition)
    guard offset >= bounds.lowerBound, offset <= bounds.upperBound else {
      throw Self.outOfRange(partition, offset, bounds)
    }
    guard offset < bounds.upperBound else {
      return Fetch(partition: partition, records: [], next: offset, end: offset)
    }
    let stream = try stream(of: partition, at: offset)
    try fill(stream, upTo: bounds.upperBound, milliseconds: handle.options.patienceMilliseconds)
    return stream.take(limit, bound: bounds.upperBound)
  }

  static func outOfRange(_ partition: TopicPartition, _ offset: Int64, _ bounds: Range<Int64>) -> LogError {
    guard offset < bounds.lowerBound || offset > bounds.upperBound else {
      return LogError(
        .unavailable,
        "\(partition) holds offsets \(bounds.lowerBound) to \(bounds.upperBound), and a broker does not know \(offset): it may "
          + "have just begun to lead the partition, or lead it no more.", retriable: true, partition: partition)
    }
    return LogError(
      .offsetOutOfRange,
      "\(partition) holds offsets \(bounds.lowerBound) to \(bounds.upperBound), not \(offset): "
        + (offset < bounds.lowerBound
          ? "its retention has taken older records away. Start from \(bounds.lowerBound)."
          : "it was cut back or made anew. Start from its beginning."),
      partition: partition, offsets: min(offset, bounds.lowerBound)..<bounds.lowerBound)
  }

  func wait(for positions: [TopicPartition: Int64], milliseconds: Int) throws(LogError) -> Bool {
    let end = SystemCalls.steadyMilliseconds() + Int64(max(0, min(milliseconds, Int(Int32.max))))
    while true {
      for (partition, position) in positions where try hasRecord(partition, from: max(position, 0)) { return true }
      let left = end - SystemCalls.steadyMilliseconds()
      guard left > 0 else { return false }
      // Each stream's queue rings as soon as something comes.
      handle.context.bell.wait(milliseconds: Int(min(left, 1_000)))
    }
  }

  private func hasRecord(_ partition: TopicPartition, from position: Int64) throws(LogError) -> Bool {
    if let stream = streams[partition], stream.position == position, stream.holdsRecords { return true }
    let bounds = try bounds(of: partition)
    let start = max(position, bounds.lowerBound)
    if let stream = streams[partition], stream.position == start, stream.end ?? -1 >= bounds.upperBound {
      // Nothing but control records since.
      return stream.holdsRecords
    }
    guard start < bounds.upperBound else {
      // From now on the stream rings; where there are too many, the next look finds what has come.
      if start == bounds.upperBound, streams.count < KafkaLimits.streams { _ = try stream(of: partition, at: start) }
      return false
    }
    let stream = try stream(of: partition, at: start)
    try fill(stream, upTo: bounds.upperBound, milliseconds: handle.options.patienceMilliseconds)
    return stream.holdsRecords
  }

  private func stream(of partition: TopicPartition, at offset: Int64) throws(LogError) -> KafkaStream {
    if let stream = streams[partition], stream.position == offset {
      touch(partition)
      return stream
    }
    close(partition)
    if recent.count == KafkaLimits.streams { close(recent[0]) }
    let stream = try KafkaStream(partition, at: offset, try handle.open(), handle.context.bell)
    streams[partition] = stream
    recent.append(partition)
    return stream
  }

  private func touch(_ partition: TopicPartition) {
    recent.removeAll { $0 == partition }
    recent.append(partition)
  }

  private func close(_ partition: TopicPartition) {
    streams[partition] = nil
    recent.removeAll { $0 == partition }
  }

  /// Waits until the stream holds a record or has come to `end`.
  private func fill(_ stream: KafkaStream, upTo end: Int64, milliseconds: Int) throws(LogError) {
    let deadline = SystemCalls.steadyMilliseconds() + Int64(milliseconds)
    while !stream.holdsRecords, stream.end ?? -1 < end {
      if let failure = stream.pump(milliseconds: 100) {
        let partition = stream.partition
        close(partition)
        if failure.code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || failure.code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE
        {
          throw Self.outOfRange(partition, stream.position, try topics.bounds(of: partition))
        }
        throw failure.error(
          "\(partition) cannot be read", hint: failure.isRetriable ? handle.trouble : nil, partition: partition)
      }
      guard !stream.holdsRecords else { return handle.noteAccess() }
      try handle.checkAccess("\(stream.partition) cannot be read")
      if SystemCalls.steadyMilliseconds() > deadline {
        throw KafkaFailure(RD_KAFKA_RESP_ERR__TIMED_OUT).error(
          "\(stream.partition) cannot be read", hint: handle.trouble, partition: stream.partition)
      }
    }
  }

  func committed(group: String) throws(LogError) -> [TopicPartition: Int64] {
    _ = try handle.open()
    return Dictionary(try topics.committed(group: group).map { ($0.partition, $0.offset) }) { $1 }
  }
}

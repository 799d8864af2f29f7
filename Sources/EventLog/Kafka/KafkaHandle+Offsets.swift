import CRdKafka
import Log

extension KafkaHandle {
  /// Makes a call again and again while its errors are ones that pass.
  func repeating(
    _ doing: @autoclosure () -> String, partition: TopicPartition? = nil,
    _ body: (_ client: OpaquePointer, _ milliseconds: Int32) -> rd_kafka_resp_err_t
  ) throws(LogError) {
    let end = SystemCalls.steadyMilliseconds() + Int64(options.patienceMilliseconds)
    while true {
      let failure = KafkaFailure(body(try open(), 2_000))
      guard failure.code != RD_KAFKA_RESP_ERR_NO_ERROR else { return noteAccess() }
      try checkAccess(doing())
      guard failure.isRetriable, SystemCalls.steadyMilliseconds() < end else {
        throw failure.error(doing(), hint: failure.isRetriable ? trouble : nil, partition: partition)
      }
      if let partition { refresh(partition.topic) }
      SystemCalls.sleep(microseconds: 20_000)
    }
  }

  /// Looks up who leads a topic's partitions: the library goes on asking the leader that it knew.
  private func refresh(_ topic: String) {
    guard let pointer, let name = rd_kafka_topic_new(pointer, topic, nil) else { return }
    defer { rd_kafka_topic_destroy(name) }
    var metadata: UnsafePointer<rd_kafka_metadata>?
    guard rd_kafka_metadata(pointer, 0, name, &metadata, 2_000) == RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    rd_kafka_metadata_destroy(metadata)
  }

  /// The first offset that the partition has, and that behind its last committed record.
  func bounds(of partition: TopicPartition) throws(LogError) -> Range<Int64> {
    var (low, high): (Int64, Int64) = (0, 0)
    try repeating("The bounds of \(partition) cannot be read", partition: partition) {
      rd_kafka_query_watermark_offsets($0, partition.topic, Int32(clamping: partition.partition), &low, &high, $1)
    }
    return low..<max(low, high)
  }

  /// Where partitions end for this client, all at once: behind the last committed record, or behind the last one.
  func ends(of partitions: [TopicPartition]) throws(LogError) -> [TopicPartition: Int64] {
    guard !partitions.isEmpty else { return [:] }
    let list = PartitionList(partitions.map { ($0, Int64(RD_KAFKA_OFFSET_END)) })
    let code = rd_kafka_offsets_for_times(try open(), list.pointer, 2_000)
    let found = list.elements
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, found.allSatisfy({ $0.failure == nil }) else {
      // One that has no answer spoils it for all, and the library does not say which.
      var ends: [TopicPartition: Int64] = [:]
      for partition in partitions { ends[partition] = try bounds(of: partition).upperBound }
      return ends
    }
    noteAccess()
    return Dictionary(found.map { ($0.partition, $0.offset) }) { $1 }
  }

  /// The offset of the first record of `timestamp >= time`; nil where there is none.
  func offset(in partition: TopicPartition, atOrAfter time: Int64) throws(LogError) -> Int64? {
    let list = PartitionList([(partition, max(time, 0))])
    try repeating("Times of \(partition) cannot be looked up", partition: partition) { client, milliseconds in
      let code = rd_kafka_offsets_for_times(client, list.pointer, milliseconds)
      let inner = list.elements.first?.failure?.code
      if code == RD_KAFKA_RESP_ERR_NO_ERROR, inner == nil { return code }
      list.pointer.pointee.elems[0].offset = max(time, 0)
      return inner ?? code
    }
    return list.elements.first.flatMap { $0.offset >= 0 ? $0.offset : nil }
  }
}

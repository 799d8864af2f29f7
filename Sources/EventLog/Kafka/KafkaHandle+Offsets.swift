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
    // Not `rd_kafka_query_watermark_offsets`: before 2.3.0 that waits for ever for a broker that has gone away.
    let low = try edge(RD_KAFKA_OFFSET_BEGINNING, of: partition)
    return low..<max(low, try edge(RD_KAFKA_OFFSET_END, of: partition))
  }

  private func edge(_ edge: Int32, of partition: TopicPartition) throws(LogError) -> Int64 {
    try lookUp(partition, Int64(edge), "The bounds of \(partition) cannot be read")
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
      for partition in partitions { ends[partition] = try edge(RD_KAFKA_OFFSET_END, of: partition) }
      return ends
    }
    noteAccess()
    return Dictionary(found.map { ($0.partition, $0.offset) }) { $1 }
  }

  /// The offset of the first record of `timestamp >= time`; nil where there is none.
  func offset(in partition: TopicPartition, atOrAfter time: Int64) throws(LogError) -> Int64? {
    let offset = try lookUp(partition, max(time, 0), "Times of \(partition) cannot be looked up")
    return offset >= 0 ? offset : nil
  }

  /// - Parameter place: a time in milliseconds, or one of the library's logical offsets.
  private func lookUp(_ partition: TopicPartition, _ place: Int64, _ doing: String) throws(LogError) -> Int64 {
    let list = PartitionList([(partition, place)])
    try repeating(doing, partition: partition) { client, milliseconds in
      list.pointer.pointee.elems[0].offset = place
      let code = rd_kafka_offsets_for_times(client, list.pointer, milliseconds)
      return code == RD_KAFKA_RESP_ERR_NO_ERROR ? list.elements.first?.failure?.code ?? code : code
    }
    return list.pointer.pointee.elems[0].offset
  }
}

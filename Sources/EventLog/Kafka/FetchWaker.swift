import CRdKafka
import Log

/// Has librdkafka fetch on when a queue that was full has been drained.
///
/// Version 2.0 looks at a full queue again only when something else wakes the thread of that broker, up to a second later;
/// a request to the broker does. Owned by one thread.
struct FetchWaker {
  private var records = 0
  private var bytes = 0

  /// Wakes the library with every quarter of a full queue that was taken, so that the rest is there to work on meanwhile.
  ///
  /// - Parameter partitions: those that fill the queue.
  mutating func took(
    records: Int, bytes: Int, of partitions: @autoclosure () -> [TopicPartition], _ client: OpaquePointer
  ) {
    self.records += records
    self.bytes += bytes
    guard self.records >= KafkaLimits.queuedRecords / 4 || self.bytes >= KafkaLimits.queuedKilobytes * 1_000 / 4 else {
      return
    }
    (self.records, self.bytes) = (0, 0)
    Self.wake(partitions(), client)
  }

  /// Asks the leaders of `partitions` for their ends and does not wait for the answers. The library looks up at once the
  /// leaders that it does not know, for which it would take up to a second too.
  static func wake(_ partitions: [TopicPartition], _ client: OpaquePointer) {
    guard !partitions.isEmpty else { return }
    let list = PartitionList(partitions.map { ($0, Int64(RD_KAFKA_OFFSET_END)) })
    rd_kafka_offsets_for_times(client, list.pointer, 0)
  }
}

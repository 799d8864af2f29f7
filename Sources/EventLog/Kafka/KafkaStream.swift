import CRdKafka
import Log

/// One partition that a reader reads on and on.
final class KafkaStream {
  let partition: TopicPartition
  /// Of the next record that will be handed out.
  private(set) var position: Int64
  /// Where the partition ended when the end was reached last.
  private(set) var end: Int64?
  /// Where it ended when it was asked last.
  private var bound: Int64

  private let topic: OpaquePointer
  private let queue: OpaquePointer
  private let messages = KafkaMessages(capacity: 1_000)
  private var records: [StoredRecord] = []
  private var first = 0
  private let client: OpaquePointer
  private var waker = FetchWaker()

  init(_ partition: TopicPartition, at offset: Int64, _ client: OpaquePointer, _ bell: KafkaBell) throws(LogError) {
    self.partition = partition
    (position, bound) = (offset, offset)
    guard let topic = rd_kafka_topic_new(client, partition.topic, nil) else {
      throw KafkaFailure(rd_kafka_last_error()).error("\(partition) cannot be read", partition: partition)
    }
    let number = Int32(clamping: partition.partition)
    guard rd_kafka_consume_start(topic, number, offset) == 0 else {
      let failure = KafkaFailure(rd_kafka_last_error())
      rd_kafka_topic_destroy(topic)
      throw failure.error("\(partition) cannot be read", partition: partition, isRestartable: true)
    }
    guard let queue = rd_kafka_queue_get_partition(client, partition.topic, number) else {
      rd_kafka_consume_stop(topic, number)
      rd_kafka_topic_destroy(topic)
      throw LogError(.unavailable, "\(partition) cannot be read: it has no queue.", retriable: true)
    }
    (self.topic, self.queue, self.client) = (topic, queue, client)
    bell.attach(to: queue)
  }

  deinit {
    rd_kafka_queue_cb_event_enable(queue, nil, nil)
    rd_kafka_queue_destroy(queue)
    rd_kafka_consume_stop(topic, Int32(clamping: partition.partition))
    rd_kafka_topic_destroy(topic)
  }

  var holdsRecords: Bool { first < records.count }

  /// What is there already from `offset` on, as long as it lies before `bound`: behind that, nobody knows how far the
  /// partition goes by now.
  func held(from offset: Int64, _ limit: ReadLimit) -> Fetch? {
    offset == position && offset < bound && holdsRecords ? take(limit) : nil
  }

  /// What is there, of a partition that ends at `bound`.
  func take(_ limit: ReadLimit, bound: Int64) -> Fetch {
    self.bound = bound
    return take(limit)
  }

  private func take(_ limit: ReadLimit) -> Fetch {
    var (last, bytes) = (first, 0)
    while last < records.count, last - first < max(limit.records, 1), last == first || bytes < limit.bytes {
      bytes += records[last].record.value?.count ?? 0
      last += 1
    }
    let taken = Array(records[first..<last])
    first = last
    if let offset = taken.last?.offset { position = offset + 1 }
    if first == records.count {
      (records, first) = ([], 0)
      // Behind the last record there may be control records, which nobody sees.
      position = max(position, end ?? position)
    }
    return Fetch(partition: partition, records: taken, next: position, end: max(bound, position))
  }

  /// Takes what the cluster has sent, waiting for it a little.
  func pump(milliseconds: Int) -> KafkaFailure? {
    var failure: KafkaFailure?
    var (count, bytes) = (0, 0)
    _ = messages.take(from: queue, limit: 1_000, milliseconds: milliseconds) { messages in
      var came: [KafkaMessages.Message] = []
      for case .some(let message) in messages {
        switch message.pointee.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR: came.append(message)
        case RD_KAFKA_RESP_ERR__PARTITION_EOF: end = message.pointee.offset
        default: failure = failure ?? KafkaFailure(message.pointee.err)
        }
      }
      records += Array(came)
      (count, bytes) = (came.count, came.reduce(0) { $0 + $1.pointee.len })
    }
    waker.took(records: count, bytes: bytes, of: [partition], client)
    if !holdsRecords, let end { position = max(position, end) }
    return failure
  }
}

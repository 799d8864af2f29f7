import CRdKafka
import Log

/// librdkafka's list of partitions with offsets, for as long as this lives.
final class PartitionList {
  let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

  init(_ partitions: some Sequence<(TopicPartition, Int64)>) {
    pointer = rd_kafka_topic_partition_list_new(8)
    for (partition, offset) in partitions {
      let element = rd_kafka_topic_partition_list_add(pointer, partition.topic, Int32(partition.partition))
      element?.pointee.offset = offset
    }
  }

  /// A list of partitions at no place in particular.
  convenience init(_ partitions: some Sequence<TopicPartition>) {
    self.init(partitions.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) })
  }

  deinit { rd_kafka_topic_partition_list_destroy(pointer) }

  /// What is to be remembered beside each partition's offset.
  func attach(_ metadata: [String]) {
    for (index, text) in metadata.enumerated() where !text.isEmpty {
      // Freed with the list, by the library.
      pointer.pointee.elems[index].metadata = SystemCalls.copy(Array(text.utf8))
      pointer.pointee.elems[index].metadata_size = text.utf8.count
    }
  }

  struct Element {
    let partition: TopicPartition
    let offset: Int64
    let failure: KafkaFailure?
    let metadata: String
  }

  static func elements(_ list: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [Element] {
    (0..<Int(list.pointee.cnt)).map { index in
      let element = list.pointee.elems[index]
      let metadata = UnsafeRawBufferPointer(start: element.metadata, count: Int(element.metadata_size))
      return Element(
        partition: TopicPartition(String(cString: element.topic), Int(element.partition)), offset: element.offset,
        failure: element.err == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaFailure(element.err),
        metadata: String(decoding: metadata, as: UTF8.self))
    }
  }

  var elements: [Element] { Self.elements(pointer) }

  static func firstFailure(_ list: UnsafePointer<rd_kafka_topic_partition_list_t>?) -> KafkaFailure? {
    list.flatMap { elements($0).lazy.compactMap(\.failure).first }
  }
}

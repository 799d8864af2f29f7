import Bytes
import CRdKafka
import Log

/// Messages of librdkafka, up to a certain number, taken from one of its queues and given back to it.
final class KafkaMessages {
  typealias Message = UnsafeMutablePointer<rd_kafka_message_t>

  private let slots: UnsafeMutableBufferPointer<Message?>

  init(capacity: Int) {
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: nil)
  }

  deinit { slots.deallocate() }

  /// Takes what lies in `queue`, at most `limit` messages, and hands it to `body`, which must not keep it.
  ///
  /// - Parameter milliseconds: how long to wait where the queue is empty. The library would go on waiting until all slots
  ///   are full, so that the first message is taken alone.
  /// - Returns: how many messages came.
  func take(
    from queue: OpaquePointer, limit: Int, milliseconds: Int = 0, _ body: (UnsafeBufferPointer<Message?>) -> Void
  ) -> Int {
    let room = min(max(limit, 1), slots.count)
    var count = rd_kafka_consume_batch_queue(queue, 0, slots.baseAddress, room)
    if count == 0, milliseconds > 0 {
      count = rd_kafka_consume_batch_queue(queue, Int32(clamping: milliseconds), slots.baseAddress, 1)
      // What came with it is there too.
      if count == 1, room > 1 {
        count += max(rd_kafka_consume_batch_queue(queue, 0, slots.baseAddress.map { $0 + 1 }, room - 1), 0)
      }
    }
    guard count > 0 else { return 0 }
    body(UnsafeBufferPointer(rebasing: slots[..<count]))
    for index in 0..<count { rd_kafka_message_destroy(slots[index]) }
    return count
  }
}

extension Record {
  /// Bytes of a message that have to be copied, as it goes back to the library.
  static func size(of message: KafkaMessages.Message) -> Int {
    message.pointee.len + message.pointee.key_len
  }

  /// - Parameters:
  ///   - arena: holds key and value of this message from `start` on, in this order.
  init(_ message: KafkaMessages.Message, arena: [UInt8], from start: Int) {
    let raw = message.pointee
    let (middle, end) = (start + raw.key_len, start + raw.key_len + raw.len)
    self.init(
      timestamp: rd_kafka_message_timestamp(message, nil), key: raw.key == nil ? nil : arena[start..<middle],
      value: raw.payload == nil ? nil : arena[middle..<end], headers: Self.headers(of: message))
  }

  private static func headers(of message: KafkaMessages.Message) -> [Header] {
    var headers: OpaquePointer?
    guard rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR, let headers else { return [] }
    let count = rd_kafka_header_cnt(headers)
    var result: [Header] = []
    result.reserveCapacity(count)
    for index in 0..<count {
      var name: UnsafePointer<CChar>?
      var value: UnsafeRawPointer?
      var size = 0
      guard rd_kafka_header_get_all(headers, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name else {
        break
      }
      result.append(
        Header(String(cString: name), Array(UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))[...]))
    }
    return result
  }
}

extension Array where Element == StoredRecord {
  /// Copies messages of one partition. Keys and values of all lie in one piece of memory.
  init(_ messages: [KafkaMessages.Message]) {
    let total = messages.reduce(0) { $0 + Record.size(of: $1) }
    let arena = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
      for message in messages {
        let raw = message.pointee
        for (bytes, size) in [(raw.key, raw.key_len), (raw.payload, raw.len)] where size > 0 {
          guard let bytes, let start = buffer.baseAddress else { continue }
          (start + count).update(from: bytes.assumingMemoryBound(to: UInt8.self), count: size)
          count += size
        }
      }
    }
    self = []
    reserveCapacity(messages.count)
    var start = 0
    for message in messages {
      append(StoredRecord(offset: message.pointee.offset, record: Record(message, arena: arena, from: start)))
      start += Record.size(of: message)
    }
  }
}

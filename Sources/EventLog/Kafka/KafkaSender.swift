import Bytes
import CRdKafka
import Log
import Synchronization

/// Hands records to librdkafka, which copies them. What becomes of them lands in the client's `Context`.
final class KafkaSender {
  private let values = UnsafeMutableBufferPointer<rd_kafka_vu_t>.allocate(capacity: 8)
  /// Where a value that is there but empty points to.
  private let nothing = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)

  init() { values.initialize(repeating: rd_kafka_vu_t()) }

  deinit {
    values.deallocate()
    nothing.deallocate()
  }

  /// - Parameter number: under which the offset of the batch's first record is noted.
  /// - Returns: why the batch, or the rest of it, was not taken.
  func send(_ batch: AppendBatch, number: Int, to topic: OpaquePointer, _ client: OpaquePointer) -> KafkaFailure? {
    values[0].vtype = RD_KAFKA_VTYPE_RKT
    values[0].u.rkt = topic
    values[1].vtype = RD_KAFKA_VTYPE_PARTITION
    values[1].u.i32 = Int32(clamping: batch.partition.partition)
    values[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS
    values[2].u.i = RD_KAFKA_MSG_F_COPY
    values[3].vtype = RD_KAFKA_VTYPE_OPAQUE
    values[3].u.ptr = UnsafeMutableRawPointer(bitPattern: number + 1)
    for record in batch.records {
      var wasEmpty = false
      while let failure = send(record, client) {
        // What an empty queue has no room for never finds any.
        guard failure.code == RD_KAFKA_RESP_ERR__QUEUE_FULL, !wasEmpty else { return failure }
        wasEmpty = rd_kafka_outq_len(client) == 0
        rd_kafka_poll(client, 10)
      }
      values[3].u.ptr = nil
    }
    return nil
  }

  private func send(_ record: Record, _ client: OpaquePointer) -> KafkaFailure? {
    let headers = Self.headers(record.headers)
    values[4].vtype = RD_KAFKA_VTYPE_TIMESTAMP
    values[4].u.i64 = max(record.timestamp, KafkaLimits.earliestTimestamp)
    let failure = with(record.key) { key in
      with(record.value) { value in
        values[5].vtype = RD_KAFKA_VTYPE_KEY
        (values[5].u.mem.ptr, values[5].u.mem.size) = key
        values[6].vtype = RD_KAFKA_VTYPE_VALUE
        (values[6].u.mem.ptr, values[6].u.mem.size) = value
        guard let headers else { return KafkaFailure(taking: rd_kafka_produceva(client, values.baseAddress, 7)) }
        values[7].vtype = RD_KAFKA_VTYPE_HEADERS
        values[7].u.headers = headers
        return KafkaFailure(taking: rd_kafka_produceva(client, values.baseAddress, 8))
      }
    }
    // The library keeps them only where it takes the record.
    if failure != nil, let headers { rd_kafka_headers_destroy(headers) }
    return failure
  }

  private func with<Result>(
    _ bytes: ByteSlice?, _ body: ((UnsafeMutableRawPointer?, Int)) -> Result
  ) -> Result {
    guard let bytes else { return body((nil, 0)) }
    return bytes.withUnsafeBytes { bytes in
      body((bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) } ?? nothing, bytes.count))
    }
  }

  /// Bytes of a record's content.
  static func size(_ record: Record) -> Int {
    let headers = record.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
    return (record.key?.count ?? 0) + (record.value?.count ?? 0) + headers
  }

  private static func headers(_ headers: [Header]) -> OpaquePointer? {
    guard !headers.isEmpty, let list = rd_kafka_headers_new(headers.count) else { return nil }
    for header in headers {
      var name = header.name
      name.withUTF8 { name in
        header.value.withUnsafeBytes { value in
          // An empty value without an address would be none at all.
          let start = value.baseAddress ?? UnsafeRawPointer(name.baseAddress)
          name.withMemoryRebound(to: CChar.self) { name in
            _ = rd_kafka_header_add(list, name.baseAddress, name.count, start, value.count)
          }
        }
      }
    }
    return list
  }

  /// librdkafka's callback for each record that has arrived or will not.
  static let delivered:
    @convention(c) (OpaquePointer?, UnsafePointer<rd_kafka_message_t>?, UnsafeMutableRawPointer?) -> Void = {
      _, message, opaque in
      guard let message = message?.pointee, let context = KafkaHandle.context(opaque) else { return }
      if message.err != RD_KAFKA_RESP_ERR_NO_ERROR {
        context.state.withLock { state in
          // Those behind it are thrown away with it and say nothing.
          guard message.err != RD_KAFKA_RESP_ERR__PURGE_QUEUE, message.err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT else {
            return
          }
          guard state.undelivered == nil else { return }
          var failure = KafkaFailure(message.err)
          failure.topic = message.rkt.flatMap { rd_kafka_topic_name($0) }.map { String(cString: $0) }
          state.undelivered = failure
        }
      } else if let number = message._private {
        context.state.withLock { $0.firstOffsets[Int(bitPattern: number) - 1] = message.offset }
      }
    }
}

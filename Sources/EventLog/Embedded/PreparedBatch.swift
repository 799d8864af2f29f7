import Bytes
import Log

/// A batch that has been checked and encoded, ready for a transaction that is as short as can be.
struct PreparedBatch {
  let identity: BatchIdentity
  let place: Place
  let rows: [EncodedRow]

  var partition: TopicPartition { identity.partition }
  var count: Int { identity.count }

  static func prepare(_ batches: [AppendBatch], for store: Store) throws(LogError) -> [PreparedBatch] {
    var total = 0
    var prepared: [PreparedBatch] = []
    prepared.reserveCapacity(batches.count)
    for batch in batches {
      let place = try store.place(of: batch.partition)
      total += try check(batch, compacted: place.compacted)
      guard total <= EmbeddedLogLimits.transactionBytes else {
        throw LogError(
          .tooLarge,
          "One append holds more than \(EmbeddedLogLimits.transactionBytes) bytes. Split it into several; where it is the "
            + "state of a stage, lower time.maximum_open.")
      }
      let rows = BatchCodec.rows(batch.records)
      prepared.append(PreparedBatch(identity: try BatchIdentity(batch, rows: rows), place: place, rows: rows))
    }
    return prepared
  }

  private static func check(_ batch: AppendBatch, compacted: Bool) throws(LogError) -> Int {
    var total = 0
    for (index, record) in batch.records.enumerated() {
      let bytes = BatchCodec.contentBytes(of: record)
      guard bytes <= EmbeddedLogLimits.recordBytes else {
        throw LogError(
          .tooLarge,
          "Record \(index) of a batch for \(batch.partition) has \(bytes) bytes; at most "
            + "\(EmbeddedLogLimits.recordBytes) are possible. Split it into several records.")
      }
      if compacted, record.key == nil {
        throw LogError(
          .invalidArgument,
          "Record \(index) of a batch for \(batch.partition) has no key, which a compacted topic needs.")
      }
      total += bytes
    }
    return total
  }
}

import Bytes
import Log

/// A batch that has been checked and encoded, ready for a transaction that is as short as can be.
struct PreparedBatch {
  let partition: TopicPartition
  let place: Place
  let rows: [EncodedRow]
  let count: Int
  let sequence: Int64?
  /// Tells a repeated batch from another one that was given the same number.
  let digest: UInt64

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
          "One append holds more than \(EmbeddedLogLimits.transactionBytes) bytes. Split it into several.")
      }
      let rows = BatchCodec.rows(batch.records)
      prepared.append(
        PreparedBatch(
          partition: batch.partition, place: place, rows: rows, count: batch.records.count,
          sequence: batch.sequence, digest: digest(of: rows)))
    }
    return prepared
  }

  private static func check(_ batch: AppendBatch, compacted: Bool) throws(LogError) -> Int {
    if let sequence = batch.sequence, sequence < 0 {
      throw LogError(.invalidArgument, "Sequence \(sequence) for \(batch.partition) is negative. Number from 0.")
    }
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

  private static func digest(of rows: [EncodedRow]) -> UInt64 {
    rows.reduce(0) { digest, row in
      withUnsafeBytes(of: row.checksum.littleEndian) { XXH64.hash($0, seed: digest) }
    }
  }
}

import Bytes
import Log

/// What tells a batch from another one that was given the same number.
struct BatchIdentity {
  let partition: TopicPartition
  let count: Int
  let sequence: Int64?
  let digest: UInt64

  /// - Parameter rows: the batch's records as they are encoded for the embedded log, whose checksums make the digest.
  init(_ batch: AppendBatch, rows: [EncodedRow]) throws(LogError) {
    if let sequence = batch.sequence, sequence < 0 {
      throw LogError(.invalidArgument, "Sequence \(sequence) for \(batch.partition) is negative. Number from 0.")
    }
    (partition, count, sequence) = (batch.partition, batch.records.count, batch.sequence)
    digest = rows.reduce(0) { digest, row in
      withUnsafeBytes(of: row.checksum.littleEndian) { XXH64.hash($0, seed: digest) }
    }
  }
}

/// What one partition remembers of one producer: the number that comes next, and its last batches, so that a batch
/// that is sent again after a lost acknowledgement is recognised.
struct ProducerSequence {
  private(set) var next: Int64 = 0
  private var recent: [Remembered] = []

  /// Batches of each producer and partition that are recognised when they are sent again.
  static let rememberedBatches = 32

  private struct Remembered {
    let sequence: Int64
    let count: Int64
    let digest: UInt64
    let offset: Int64
  }

  enum Verdict {
    case append
    /// The log holds the batch already, from this offset on.
    case repeated(Int64)
  }

  func judge(_ batch: BatchIdentity) throws(LogError) -> Verdict {
    guard let sequence = batch.sequence, sequence != next else { return .append }
    guard sequence < next else {
      throw gap(batch, "lies beyond \(next), which is expected; records between them are missing. Send those first.")
    }
    guard let known = recent.first(where: { $0.sequence == sequence }) else {
      throw gap(
        batch, "has been used long ago or begins inside another batch; \(next) is expected. Continue from there.")
    }
    guard known.count == Int64(batch.count), known.digest == batch.digest else {
      throw LogError(
        .fenced,
        "Sequence \(sequence) for \(batch.partition) has been used for other records. Is another producer running "
          + "under the same name? Give each its own.")
    }
    return .repeated(known.offset)
  }

  mutating func note(_ batch: BatchIdentity, at offset: Int64) {
    guard batch.count > 0 else { return }
    if recent.count == Self.rememberedBatches { recent.removeFirst() }
    recent.append(Remembered(sequence: next, count: Int64(batch.count), digest: batch.digest, offset: offset))
    next += Int64(batch.count)
  }

  private func gap(_ batch: BatchIdentity, _ reason: String) -> LogError {
    LogError(.sequenceGap, "Sequence \(batch.sequence ?? next) for \(batch.partition) \(reason)")
  }
}

extension ProducerSequence {
  var encoded: [UInt8] {
    var writer = ByteWriter(reserving: 16 * recent.count)
    writer.append(count: recent.count)
    for batch in recent {
      writer.append(signed: batch.sequence)
      writer.append(signed: batch.count)
      writer.append(varint: batch.digest)
      writer.append(signed: batch.offset)
    }
    return writer.bytes
  }

  init(next: Int64, encoded: [UInt8]) throws(ByteError) {
    var reader = ByteReader(encoded)
    let count = try reader.count(ofAtLeast: 4)
    for _ in 0..<count {
      let (sequence, records) = (try reader.signed(), try reader.signed())
      let digest = try reader.varint()
      let offset = try reader.signed()
      recent.append(
        Remembered(sequence: sequence, count: records, digest: digest, offset: offset))
    }
    try reader.expectEnd()
    self.next = next
  }
}

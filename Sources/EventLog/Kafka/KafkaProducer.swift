import Bytes
import CRdKafka
import Log

/// Appends to Kafka, each append in a transaction of its own.
///
/// A named producer keeps its sequences in the cluster: as offsets of a group of its own, moved in the same transaction
/// as the records. One without a name keeps them in memory.
final class KafkaProducer: LogProducer {
  /// Where a batch of an append is to be found.
  private enum Place {
    /// The log had it before, from this offset on.
    case known(Int64)
    /// It is the append's so many-th that had to be written.
    case written(Int)
    /// It holds no records, and stands at the partition's end.
    case end(TopicPartition)
  }

  private let topics: KafkaTopics
  private let options: KafkaOptions
  private let name: String
  /// Nil after an error that leaves open what became of the last append, until the next call.
  private(set) var transaction: KafkaTransaction?
  /// Where the sequences of a named producer are kept.
  private let group: String?
  private var sequences: [TopicPartition: ProducerSequence] = [:]
  private var isClosed = false

  init(_ topics: KafkaTopics, name: String?, _ options: KafkaOptions) throws(LogError) {
    (self.topics, self.options) = (topics, options)
    self.name = name ?? "anonymous-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    group = name.map { "leeway.producer.\($0)" }
    _ = try opened()
  }

  /// The writer; a new one after an error, which first ends what the old one left and learns what came of it. Only a
  /// named producer can learn that.
  private func opened() throws(LogError) -> KafkaTransaction {
    guard !isClosed else { throw LogError(.closed, "This producer has been closed. Make a new one.") }
    if let transaction { return transaction }
    let new = try KafkaTransaction(id: "leeway.producer.\(name)", notesOffsets: true, topics, options)
    if let group { sequences = try remembered(group) }
    transaction = new
    return new
  }

  private func remembered(_ group: String) throws(LogError) -> [TopicPartition: ProducerSequence] {
    var found: [TopicPartition: ProducerSequence] = [:]
    for element in try topics.committed(group: group) {
      do throws(ByteError) {
        guard let bytes = bytes(hexadecimal: element.metadata) else {
          throw ByteError("a text that is not hexadecimal", at: 0)
        }
        found[element.partition] = try ProducerSequence(next: element.offset, encoded: bytes)
      } catch {
        throw LogError(
          .damaged, "What group \(group) remembers of producer \(name) in \(element.partition) is damaged: \(error).")
      }
    }
    return found
  }

  func append(_ batches: [AppendBatch]) throws(LogError) -> [Int64] {
    let transaction = try opened()
    do throws(LogError) { return try append(batches, transaction) } catch {
      // Nothing of it was written.
      guard transaction.isOutgrown else { throw error }
      return try append(batches, try opened())
    }
  }

  private func append(_ batches: [AppendBatch], _ transaction: KafkaTransaction) throws(LogError) -> [Int64] {
    var changed: [TopicPartition: ProducerSequence] = [:]
    var places: [Place] = []
    var written: [(batch: AppendBatch, identity: BatchIdentity)] = []
    for batch in batches {
      try topics.check(batch.partition)
      let identity = try BatchIdentity(batch, rows: BatchCodec.rows(batch.records))
      var sequence = changed[batch.partition] ?? sequences[batch.partition] ?? ProducerSequence()
      switch try sequence.judge(identity) {
      case .repeated(let offset): places.append(.known(offset))
      case .append where batch.records.isEmpty: places.append(.end(batch.partition))
      case .append:
        places.append(.written(written.count))
        written.append((batch, identity))
        sequence.note(identity, at: 0)
        changed[batch.partition] = sequence
      }
    }
    let offsets = written.isEmpty ? [] : try commit(written, transaction)
    var result: [Int64] = []
    for place in places {
      switch place {
      case .known(let offset): result.append(offset)
      case .written(let index): result.append(offsets[index])
      case .end(let partition): result.append(try topics.bounds(of: partition).upperBound)
      }
    }
    return result
  }

  /// - Returns: the offset of each batch's first record.
  private func commit(
    _ written: [(batch: AppendBatch, identity: BatchIdentity)], _ transaction: KafkaTransaction
  ) throws(LogError) -> [Int64] {
    let known = sequences
    func noted(_ offsets: [Int64]) -> [TopicPartition: ProducerSequence] {
      zip(written, offsets).reduce(into: [:]) { changed, item in
        let partition = item.0.batch.partition
        changed[partition, default: known[partition] ?? ProducerSequence()].note(item.0.identity, at: item.1)
      }
    }
    let memory = group.map { group in
      KafkaTransaction.Offsets(
        positions: { offsets in
          noted(offsets).sorted { $0.key < $1.key }.map { ($0.key, $0.value.next, hexadecimal($0.value.encoded)) }
        }, group: { rd_kafka_consumer_group_metadata_new(group) })
    }
    let offsets: [Int64]
    do throws(LogError) {
      offsets = try transaction.commit(written.map(\.batch), offsets: memory)
    } catch {
      switch error.code {
      // Nothing is left of the append.
      case .tooLarge, .invalidArgument: break
      // One who was put aside by another of its name stays aside.
      case .fenced: break
      default: self.transaction = nil
      }
      throw error
    }
    sequences.merge(noted(offsets)) { $1 }
    return offsets
  }

  func nextSequence(in partition: TopicPartition) throws(LogError) -> Int64 {
    _ = try opened()
    try topics.check(partition)
    return sequences[partition]?.next ?? 0
  }

  func close() {
    isClosed = true
    transaction?.close()
    transaction = nil
  }
}

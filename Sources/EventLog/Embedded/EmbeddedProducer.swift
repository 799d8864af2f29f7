import Bytes
import Log

/// Appends to an embedded log. A named producer's sequences are kept in the log and survive restarts; one without a
/// name keeps its own in memory.
final class EmbeddedProducer: LogProducer {
  private let store: Store
  private let name: String?
  private var sequences: [TopicPartition: ProducerSequence] = [:]

  init(_ store: Store, name: String?) {
    self.store = store
    self.name = name
  }

  func append(_ batches: [AppendBatch]) throws(LogError) -> [Int64] {
    let prepared = try PreparedBatch.prepare(batches, for: store)
    guard !prepared.isEmpty else { return [] }
    let (offsets, changed) = try store.write { () throws(LogError) -> ([Int64], [TopicPartition: ProducerSequence]) in
      var offsets: [Int64] = []
      offsets.reserveCapacity(prepared.count)
      var changed: [TopicPartition: ProducerSequence] = [:]
      for batch in prepared {
        var sequence: ProducerSequence
        if let newer = changed[batch.partition] {
          sequence = newer
        } else {
          sequence = try known(batch.partition, batch.place)
        }
        switch try sequence.judge(batch.identity) {
        case .repeated(let offset):
          offsets.append(offset)
        case .append:
          let offset = try store.append(batch)
          sequence.note(batch.identity, at: offset)
          offsets.append(offset)
          changed[batch.partition] = sequence
        }
      }
      try remember(changed, prepared)
      return (offsets, changed)
    }
    if name == nil { sequences.merge(changed) { $1 } }
    return offsets
  }

  func nextSequence(in partition: TopicPartition) throws(LogError) -> Int64 {
    let place = try store.place(of: partition)
    return try store.use { () throws(LogError) -> Int64 in try known(partition, place).next }
  }

  func close() { store.close() }

  private func known(_ partition: TopicPartition, _ place: Place) throws(LogError) -> ProducerSequence {
    guard let name else { return sequences[partition] ?? ProducerSequence() }
    let query = try store.statement(.sequence)
    query.bind(1, name)
    query.bind(2, place.tp)
    defer { query.reset() }
    guard try query.next() else { return ProducerSequence() }
    do throws(ByteError) {
      return try ProducerSequence(next: query.integer(0), encoded: query.bytes(1))
    } catch {
      throw LogError(
        .damaged, "What \(store.files.database) remembers of producer \(name) in \(partition) is damaged: \(error).")
    }
  }

  private func remember(
    _ changed: [TopicPartition: ProducerSequence], _ batches: [PreparedBatch]
  ) throws(LogError) {
    guard let name else { return }
    var done: Set<Int64> = []
    for batch in batches {
      guard let sequence = changed[batch.partition], done.insert(batch.place.tp).inserted else { continue }
      let statement = try store.statement(.remember)
      statement.bind(1, name)
      statement.bind(2, batch.place.tp)
      statement.bind(3, sequence.next)
      try statement.run(4, data: sequence.encoded)
    }
  }
}

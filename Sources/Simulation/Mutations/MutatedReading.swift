import Events
import Log

/// Reads from the wrong place, or tells the worker the wrong thing about its partitions.
class MutatedReading: MutatedConsumer {
  private var committed: [TopicPartition: Int64] = [:]
  private var read: [TopicPartition: Int64] = [:]
  /// Partitions that the worker believes to be its own.
  private var kept: Set<Int> = []

  override func poll(_ topics: [String], limit: ReadLimit) throws(LogError) -> Polled {
    var topics = topics
    if mutation == .leadingLater, topics == [Topic.watermarks.rawValue] { return .idle }
    if mutation == .leadingLater, topics.contains(Topic.predictions.rawValue) {
      topics.append(Topic.watermarks.rawValue)
    }
    let polled = try consumer.poll(topics, limit: limit)
    switch polled {
    case .assigned(let partitions, let committed):
      self.committed.merge(committed) { _, new in new }
      if mutation == .noSuppression { return .assigned(partitions, committed: [:]) }
      if mutation == .keepState || mutation == .ignoreFenced { return try goOn(partitions, committed) }
      return polled
    case .revoked where mutation == .keepState: return .idle
    case .records(let fetches):
      for fetch in fetches { read[fetch.partition] = fetch.next }
      return polled
    default: return polled
    }
  }

  /// Hides from the worker that partitions which it has had before have come back.
  private func goOn(
    _ partitions: [Int], _ committed: [TopicPartition: Int64]
  ) throws(LogError) -> Polled {
    let new = partitions.filter { !kept.contains($0) }
    kept.formUnion(new)
    for (place, offset) in read.sorted(by: { $0.key < $1.key })
    where partitions.contains(place.partition) && !new.contains(place.partition) {
      try consumer.seek(place, to: offset)
    }
    return new.isEmpty ? .idle : .assigned(new, committed: committed.filter { new.contains($0.key.partition) })
  }

  override func seek(_ partition: TopicPartition, to offset: Int64) throws(LogError) {
    switch mutation {
    case .seekBehind: try consumer.seek(partition, to: offset == 0 ? 0 : offset + 1)
    case .skipSnapshotPositions: try consumer.seek(partition, to: max(committed[partition] ?? 0, offset))
    default: try consumer.seek(partition, to: offset)
    }
  }

  override func commit(outputs: [AppendBatch], offsets: [TopicPartition: Int64]) throws(LogError) {
    var offsets = offsets
    if mutation == .commitRead {
      for place in offsets.keys { offsets[place] = max(offsets[place] ?? 0, read[place] ?? 0) }
    }
    try consumer.commit(outputs: outputs, offsets: offsets)
  }
}

/// Joins its group again when it has lost its place, without a word to its worker, which goes on with the state that it has.
final class StubbornConsumer: MutatedReading {
  private let rejoin: () throws(LogError) -> any LogConsumer

  init(
    _ consumer: any LogConsumer, _ mutation: Mutation, rejoin: @escaping () throws(LogError) -> any LogConsumer
  ) {
    self.rejoin = rejoin
    super.init(consumer, mutation)
  }

  override func poll(_ topics: [String], limit: ReadLimit) throws(LogError) -> Polled {
    do throws(LogError) { return try super.poll(topics, limit: limit) } catch {
      guard error.code == .fenced else { throw error }
      consumer = try rejoin()
      return .idle
    }
  }

  override func commit(outputs: [AppendBatch], offsets: [TopicPartition: Int64]) throws(LogError) {
    do throws(LogError) { try super.commit(outputs: outputs, offsets: offsets) } catch {
      guard error.code == .fenced else { throw error }
      consumer = try rejoin()
    }
  }
}

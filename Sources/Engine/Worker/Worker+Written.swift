import Events
import Log

// What has been written, where the group's offsets are gone: a cluster forgets those of a group that has been idle for long,
// and a person can delete them.

extension Worker {
  /// The number of the first output that is not in the log yet; 0 where the committed offsets, or the snapshot, say it all.
  func written(
    _ partition: Int, _ stage: S, _ snapshot: Snapshot?, isRestored: Bool, committed: [TopicPartition: Int64]
  ) throws -> Int64 {
    guard let snapshot, isForgotten(partition, snapshot, committed) else { return 0 }
    let written = try firstFreeNumber(of: partition, topics: stage.outputTopics + [.deadletters])
    guard written > snapshot.emitted else { return 0 }
    // Only the same inputs in the same order, under the same configuration, give outputs their numbers again.
    guard isRestored, stage.ordersInputs, snapshot.fingerprint == configuration.fingerprint else {
      throw EngineError(
        .offsetsLost,
        "group \(Self.group(configuration.names)) has no committed offsets of partition \(partition) any more (a cluster "
          + "forgets them after offsets.retention.minutes without a commit, and a person can delete them), and the state "
          + "of stage \(S.name) that was saved last is of another configuration or build: which of the outputs behind it "
          + "are written cannot be told. Start once with that configuration and build, or anew under another topics.prefix"
      )
    }
    return written
  }

  private func isForgotten(_ partition: Int, _ snapshot: Snapshot, _ committed: [TopicPartition: Int64]) -> Bool {
    inputs.contains { topic in
      (snapshot.positions[topic] ?? 0) > 0 && committed[TopicPartition(configuration.names[topic], partition)] == nil
    }
  }

  /// One behind the newest output of this stage and partition, wherever it lies.
  private func firstFreeNumber(of partition: Int, topics: [Topic]) throws -> Int64 {
    var next: Int64 = 0
    for topic in topics {
      for place in 0..<configuration.partitions(of: topic) {
        let last = try reader.last(in: TopicPartition(configuration.names[topic], place)) {
          Outputs.number(of: $0, stage: S.name, partition: partition)
        }
        next = max(next, last.map { $0 &+ 1 } ?? 0)
      }
    }
    return next
  }
}

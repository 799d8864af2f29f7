import Events
import Log

/// Commits wrongly, or something wrong. What is sent ahead is held back here, so that it can be tampered with.
final class MutatedCommits: MutatedConsumer {
  private var held: [AppendBatch] = []
  private var commits = 0
  /// By partition, the number of the first example that this worker wrote.
  private var firstNumbers: [TopicPartition: Int64] = [:]

  override func send(_ outputs: [AppendBatch]) throws(LogError) { held += outputs }

  override func commit(outputs: [AppendBatch], offsets: [TopicPartition: Int64]) throws(LogError) {
    commits += 1
    let all = held + outputs
    held = []
    switch mutation {
    case .dropOffsets: try consumer.commit(outputs: all, offsets: [:])
    case .offsetsFirst:
      try consumer.commit(outputs: [], offsets: offsets)
      try consumer.commit(outputs: all, offsets: [:])
    case .outputsFirst:
      try consumer.commit(outputs: all, offsets: [:])
      try consumer.commit(outputs: [], offsets: offsets)
    case .dropOutput: try consumer.commit(outputs: commits % 7 == 0 ? Self.cut(all) : all, offsets: offsets)
    case .commitTwice:
      do throws(LogError) { try consumer.commit(outputs: all, offsets: offsets) } catch {
        guard error.code == .unavailable else { throw error }
        try consumer.commit(outputs: all, offsets: offsets)
      }
    case .snapshotApart:
      let snapshots = all.filter { $0.partition.topic == Topic.checkpoints.rawValue }
      if !snapshots.isEmpty { try consumer.commit(outputs: snapshots, offsets: [:]) }
      try consumer.commit(
        outputs: all.filter { $0.partition.topic != Topic.checkpoints.rawValue }, offsets: offsets)
    case .resetNumbers: try consumer.commit(outputs: all.map(renumbered), offsets: offsets)
    case .trainTwice: try consumer.commit(outputs: all.map(Self.doubled), offsets: offsets)
    default: try consumer.commit(outputs: all, offsets: offsets)
    }
  }

  private static func cut(_ outputs: [AppendBatch]) -> [AppendBatch] {
    guard let last = outputs.last else { return outputs }
    return outputs.dropLast() + [AppendBatch(last.partition, last.records.dropLast())]
  }

  private static func doubled(_ batch: AppendBatch) -> AppendBatch {
    guard batch.partition.topic == Topic.triggers.rawValue else { return batch }
    let records = batch.records.flatMap { record -> [Record] in
      guard var trigger = try? Trigger.decode(value: record.value) else { return [record] }
      trigger.attempt += 1
      var second = record
      second.value = trigger.encoded()[...]
      return [record, second]
    }
    return AppendBatch(batch.partition, records)
  }

  private func renumbered(_ batch: AppendBatch) -> AppendBatch {
    guard batch.partition.topic == Topic.examples.rawValue else { return batch }
    let records = batch.records.map { record -> Record in
      guard case .example(var example)? = try? ExampleRecord.decode(value: record.value) else { return record }
      let first = firstNumbers[batch.partition] ?? example.seq
      firstNumbers[batch.partition] = first
      example.seq -= first
      var changed = record
      changed.value = ExampleRecord.example(example).encoded()[...]
      return changed
    }
    return AppendBatch(batch.partition, records)
  }
}

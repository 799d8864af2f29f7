import Bytes
public import Events
import Log

extension Worker {
  /// What a restart reads stands no earlier than this event time: that of the oldest among the partitions' newest
  /// snapshots. Nil until every partition has one.
  public var savedTime: Milliseconds? {
    let times = slots.values.map(\.saving.time)
    return times.contains(nil) ? nil : times.compactMap { $0 }.min()
  }

  /// The newest snapshot, by partition, where the log refused it as too large: it goes on with an older one, and a restart
  /// takes longer.
  public var oversizedSnapshots: [Int: OversizedSnapshot] { slots.compactMapValues(\.saving.refused) }

  /// Hands what the stages have written to the log, where it travels to the next commit.
  func handOver() throws {
    for (_, slot) in slots.sorted(by: { $0.key < $1.key }) {
      let outputs = slot.outputs.take()
      guard !outputs.isEmpty else { continue }
      sent += outputs.reduce(0) { $0 + $1.records.count }
      try consumer.send(outputs)
    }
  }

  func commit(closing: Bool = false) throws {
    try handOver()
    let demanded = slots.filter { _, slot in
      closing ? slot.saving.positions != slot.stage.positions : slot.outputs.wantsSnapshot
    }
    var offsets: [TopicPartition: Int64] = [:]
    for (partition, slot) in slots {
      for (place, offset) in reached(partition, slot) where committedPositions[place] ?? 0 < offset {
        offsets[place] = offset
      }
    }
    uncommitted = 0
    guard !demanded.isEmpty || sent > 0 || !offsets.isEmpty else { return }
    for slot in slots.values {
      slot.saving.commits += 1
      slot.outputs.wantsSnapshot = false
    }
    let saved = demanded.isEmpty ? mostOverdue().map { [$0] } ?? [] : demanded.keys.sorted()
    // A cluster forgets an offset that has not been told for some days, where nobody subscribes to its topic.
    for partition in saved {
      if let slot = slots[partition] { offsets.merge(reached(partition, slot)) { _, new in new } }
    }
    try write(saving: saved.first, offsets: offsets)
    // At the end only: their states are as the commit above left them.
    for partition in saved.dropFirst() { try write(saving: partition, offsets: [:]) }
  }

  /// Of the partitions whose snapshot is due the one that has waited longest.
  private func mostOverdue() -> Int? {
    slots.filter { $0.value.saving.isDue(settings) && $0.value.saving.positions != $0.value.stage.positions }
      .max { ($0.value.saving.commits, $1.key) < ($1.value.saving.commits, $0.key) }?.key
  }

  /// How far a partition has come; what is read again after a restart leaves that where it was.
  private func reached(_ partition: Int, _ slot: Slot) -> [TopicPartition: Int64] {
    var offsets: [TopicPartition: Int64] = [:]
    for (topic, position) in slot.stage.positions where position > 0 {
      let place = TopicPartition(configuration.names[topic], partition)
      offsets[place] = max(position, committedPositions[place] ?? 0)
    }
    return offsets
  }

  /// One commit, with the state of one partition at most so that it stays small. A snapshot that is too large beside the
  /// outputs goes behind them alone; one that is too large even so is left out.
  private func write(saving partition: Int?, offsets: [TopicPartition: Int64]) throws {
    if let partition, let slot = slots[partition] {
      let snapshot = snapshot(of: partition, slot)
      var refusal = try write(snapshot.batch, offsets)
      if refusal != nil {
        try consumer.commit(outputs: [], offsets: offsets)
        refusal = try write(snapshot.batch, [:])
      }
      slot.saving.note(
        refusal: refusal, bytes: snapshot.bytes, time: slot.stage.eventTime, positions: slot.stage.positions)
    } else {
      try consumer.commit(outputs: [], offsets: offsets)
    }
    sent = 0
    committedPositions.merge(offsets) { _, new in new }
  }

  /// - Returns: why the log finds the snapshot too large; nothing is written then.
  private func write(_ snapshot: AppendBatch, _ offsets: [TopicPartition: Int64]) throws(LogError) -> String? {
    do throws(LogError) {
      try consumer.commit(outputs: [snapshot], offsets: offsets)
      return nil
    } catch {
      guard error.code == .tooLarge else { throw error }
      return error.message
    }
  }

  private func snapshot(of partition: Int, _ slot: Slot) -> (batch: AppendBatch, bytes: Int) {
    var writer = ByteWriter()
    slot.stage.encodeState(into: &writer)
    let snapshot = Snapshot(
      positions: slot.stage.positions, marks: slot.marks, emitted: slot.outputs.numbered,
      fingerprint: configuration.fingerprint, state: writer.bytes)
    let records = snapshot.records(stage: S.name, partition: partition, number: slot.saving.number + 1)
    return (AppendBatch(TopicPartition(configuration.names[.checkpoints], 0), records), snapshot.state.count)
  }
}

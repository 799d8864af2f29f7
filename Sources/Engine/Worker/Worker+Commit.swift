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

  /// Bytes of the newest snapshot, by partition, where the log refused it as too large: it goes on with an older one,
  /// and a restart takes longer.
  public var oversizedSnapshots: [Int: Int] { slots.compactMapValues(\.saving.refusedBytes) }

  /// What one partition, or several, give to a commit.
  private struct Share {
    var outputs: [AppendBatch] = []
    var offsets: [TopicPartition: Int64] = [:]
    /// Whose state goes with it: one at most, so that a commit stays small.
    var saved: Int?
  }

  func commit(closing: Bool = false) throws {
    let demanded = slots.filter { _, slot in
      closing ? slot.saving.positions != slot.stage.positions : slot.outputs.wantsSnapshot
    }
    let saved = demanded.isEmpty ? mostOverdue().map { [$0] } ?? [] : demanded.keys.sorted()
    var shares = [Share(outputs: pendingWatermarks, saved: saved.first)]
    for partition in slots.keys.sorted() {
      let outputs = slots[partition]?.outputs.take() ?? []
      let offsets = moved(partition)
      if saved.dropFirst().contains(partition) {
        shares.append(Share(outputs: outputs, offsets: offsets, saved: partition))
      } else {
        shares[0].outputs += outputs
        shares[0].offsets.merge(offsets) { _, new in new }
      }
    }
    uncommitted = 0
    guard !demanded.isEmpty || shares.contains(where: { !$0.outputs.isEmpty || !$0.offsets.isEmpty }) else { return }
    for partition in slots.keys { slots[partition]?.saving.commits += 1 }
    for share in shares { try write(share) }
    pendingWatermarks = []
  }

  /// Of the partitions whose snapshot is due the one that has waited longest.
  private func mostOverdue() -> Int? {
    slots.filter { $0.value.saving.isDue(settings) && $0.value.saving.positions != $0.value.stage.positions }
      .max { ($0.value.saving.commits, $1.key) < ($1.value.saving.commits, $0.key) }?.key
  }

  private func moved(_ partition: Int) -> [TopicPartition: Int64] {
    var offsets: [TopicPartition: Int64] = [:]
    for (topic, position) in slots[partition]?.stage.positions ?? [:] {
      let place = TopicPartition(configuration.names[topic], partition)
      if committedPositions[place] ?? 0 < position { offsets[place] = position }
    }
    return offsets
  }

  /// A snapshot that is too large beside the outputs goes behind them alone; one that is too large even so is left out.
  private func write(_ share: Share) throws {
    let outputs = Self.merged(share.outputs)
    if let partition = share.saved, let snapshot = snapshot(of: partition) {
      let isWhole = try write(outputs, snapshot, share.offsets)
      if !isWhole { try consumer.commit(outputs: outputs, offsets: share.offsets) }
      let isSaved = try isWhole || write([], snapshot, [:])
      if let slot = slots[partition] {
        slots[partition]?.saving.note(
          written: isSaved, bytes: snapshot.bytes, time: slot.stage.eventTime, positions: slot.stage.positions)
      }
    } else {
      try consumer.commit(outputs: outputs, offsets: share.offsets)
    }
    committedPositions.merge(share.offsets) { _, new in new }
  }

  /// - Returns: false where the log finds it too large; nothing is written then.
  private func write(
    _ outputs: [AppendBatch], _ snapshot: (batch: AppendBatch, bytes: Int), _ offsets: [TopicPartition: Int64]
  ) throws(LogError) -> Bool {
    do throws(LogError) {
      try consumer.commit(outputs: outputs + [snapshot.batch], offsets: offsets)
      return true
    } catch {
      guard error.code == .tooLarge else { throw error }
      return false
    }
  }

  /// Outputs of several partitions of a stage may go to the same place.
  private static func merged(_ batches: [AppendBatch]) -> [AppendBatch] {
    Dictionary(grouping: batches, by: \.partition).sorted { $0.key < $1.key }
      .map { AppendBatch($0.key, $0.value.flatMap(\.records)) }
  }

  private func snapshot(of partition: Int) -> (batch: AppendBatch, bytes: Int)? {
    guard let slot = slots[partition] else { return nil }
    var writer = ByteWriter()
    slot.stage.encodeState(into: &writer)
    let snapshot = Snapshot(
      positions: slot.stage.positions, emitted: slot.outputs.numbered, fingerprint: configuration.fingerprint,
      state: writer.bytes)
    let records = snapshot.records(stage: S.name, partition: partition, number: slot.saving.number + 1)
    return (AppendBatch(TopicPartition(configuration.names[.checkpoints], 0), records), snapshot.state.count)
  }
}

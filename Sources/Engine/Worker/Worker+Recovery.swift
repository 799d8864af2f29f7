import Bytes
import Events
import Log

extension Worker {
  func assign(_ partitions: [Int], committed: [TopicPartition: Int64]) throws {
    let place = TopicPartition(configuration.names[.checkpoints], 0)
    try reader.settle(place)
    let found = try SnapshotStore.newest(of: S.name, in: reader, topic: place)
    for partition in partitions {
      slots[partition] = try restore(partition, from: found[partition], committed: committed)
    }
    committedPositions.merge(committed) { _, new in new }
  }

  private func restore(
    _ partition: Int, from found: SnapshotStore.Found?, committed: [TopicPartition: Int64]
  ) throws -> Slot {
    var stage = try makeStage(partition, reader)
    var snapshot = found?.snapshot
    if let saved = snapshot {
      var state = ByteReader(saved.state)
      do {
        try stage.restoreState(from: &state)
      } catch {
        // A state of another build or configuration is made again from the inputs.
        stage = try makeStage(partition, reader)
        snapshot = nil
      }
    }
    if snapshot != nil, let place = try stage.lostHistory(reader, configuration) { throw Self.replaced(place) }
    // A snapshot may have been taken in the middle of a replay.
    let replays = inputs.contains { topic in
      snapshot?.positions[topic] ?? 0 < committed[TopicPartition(configuration.names[topic], partition)] ?? 0
    }
    if snapshot == nil || replays { try stage.recall(reader, configuration) }
    var positions: [Topic: Int64] = [:]
    var done: [Topic: Int64] = [:]
    var lost: [Topic: Range<Int64>] = [:]
    for topic in inputs {
      let source = TopicPartition(configuration.names[topic], partition)
      // What a worker has written there itself, its successor takes first. Others' inputs come when they come.
      if leading.contains(topic) { try reader.settle(source) }
      let bounds = try reader.bounds(of: source)
      try recognise(source, found?.snapshot, topic, committed[source], bounds)
      let start = bounds.lowerBound
      done[topic] = committed[source] ?? 0
      if let next = committed[source] ?? snapshot?.positions[topic], next < start { lost[topic] = next..<start }
      positions[topic] = try position(snapshot?.positions[topic], committed: done[topic] ?? 0, start: start, source)
      try consumer.seek(source, to: positions[topic] ?? start)
    }
    stage.start(at: positions)
    let outputs = Outputs(
      names: configuration.names, partitions: counts(), stage: S.name, partition: partition,
      emitted: snapshot?.emitted ?? 0, committed: done,
      written: try written(partition, stage, found?.snapshot, isRestored: snapshot != nil, committed: committed))
    let saving = SnapshotSchedule(
      number: found?.number ?? 0, bytes: snapshot.map { $0.state.count } ?? 0,
      time: snapshot == nil ? nil : stage.eventTime, positions: stage.positions, commits: settings.snapshotCommits)
    let slot = Slot(stage: stage, outputs: outputs, saving: saving)
    slot.marks = snapshot?.marks ?? [:]
    if !stage.ordersInputs {
      slot.replayEnds = done.merging(positions) { max($0, $1) }
      slot.replaying = Set(inputs.filter { positions[$0, default: 0] < done[$0, default: 0] })
    }
    for topic in inputs {
      guard let offsets = lost[topic] else { continue }
      try lose(
        offsets, of: topic, partition, slot, code: Self.deleted, reason: Self.deletion(of: offsets))
    }
    return slot
  }

  /// Refuses a topic that was made anew, whose first records would pass for those that were read from the old one.
  ///
  /// With a topic go the group's offsets of it. As they also go when they have not moved for long, the records decide then.
  private func recognise(
    _ source: TopicPartition, _ snapshot: Snapshot?, _ topic: Topic, _ committed: Int64?, _ bounds: Range<Int64>
  ) throws {
    let read = max(snapshot?.positions[topic] ?? 0, committed ?? 0)
    guard read <= bounds.upperBound else { throw Self.replaced(source, read: read) }
    guard committed == nil, read > 0, let mark = snapshot?.marks[topic], mark.offset >= bounds.lowerBound else {
      return
    }
    guard mark.offset < bounds.upperBound,
      let found = try reader.read(source, from: mark.offset, limit: ReadLimit(records: 1)).records.first,
      ReadMark(found) == mark
    else { throw Self.replaced(source, read: read) }
  }

  static func replaced(_ source: TopicPartition, read: Int64) -> EngineError {
    EngineError(
      .replaced,
      "\(source) is not what it was when stage \(S.name) had read it up to offset \(read): the topic was deleted and "
        + "created again, or cut back, while state and outputs rest on the records that it had. \(remedy)")
  }

  private static var remedy: String {
    "Start anew: under another topics.prefix, or with every topic of this one deleted and created again"
  }

  private static func replaced(_ output: TopicPartition) -> EngineError {
    EngineError(
      .replaced,
      "\(output) lacks what stage \(S.name) has written there: the topic was deleted and created again, while the state of "
        + "the engine rests on the records that it had. \(remedy)")
  }

  /// Where to read from: the snapshot's place or, without one, the first record that the log has.
  ///
  /// - Throws: where records are gone that had been taken and the state does not know. It could not be brought to what was
  ///   committed, and its next outputs would bear numbers that are taken.
  private func position(
    _ snapshot: Int64?, committed: Int64, start: Int64, _ source: TopicPartition
  ) throws -> Int64 {
    let wanted = snapshot ?? 0
    guard wanted < start else { return wanted }
    guard committed <= wanted else {
      throw Self.lost(
        snapshot == nil ? .noSnapshot : .historyLost, source, from: wanted, committed: committed, start: start)
    }
    return start
  }

  static func lost(
    _ code: EngineError.Code, _ source: TopicPartition, from wanted: Int64, committed: Int64, start: Int64
  ) -> EngineError {
    EngineError(
      code,
      "\(source) begins at offset \(start), but the state of stage \(S.name), committed up to offset \(committed), can only be "
        + "brought up to date from offset \(wanted). \(remedy); and keep the topic's records longer than the label horizon and "
        + "than the engine may be down")
  }

  private func counts() -> [Topic: Int] {
    Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0, configuration.partitions(of: $0)) })
  }
}

import Bytes
public import Events
public import Log

/// Runs one stage over the partitions that its consumer group assigns to it: poll, process, commit.
///
/// Owned by one thread, which calls `step` again and again and waits in between. Outputs, snapshots and consumed offsets
/// go into one commit. An error means that the worker must be dropped; a new one takes up where the last commit stood.
public final class Worker<S: Stage> {
  /// What one step did.
  public struct Step: Sendable {
    /// Records read.
    public let records: Int
    public let committed: Bool
    public var isIdle: Bool { records == 0 && !committed }
  }

  private struct Slot {
    var stage: S
    var outputs: Outputs
    /// Where inputs are read to before any is read on, and those that have not got there.
    var replayEnds: [Topic: Int64] = [:]
    var replaying: Set<Topic> = []
  }

  public let configuration: EngineConfiguration
  private let settings: WorkerSettings
  private let consumer: any LogConsumer
  private let reader: any LogReader
  private let makeStage: (Int, any LogReader) throws -> S
  private var slots: [Int: Slot] = [:]
  private var uncommitted = 0
  private var committedPositions: [TopicPartition: Int64] = [:]
  private var commitNumber: Int64 = 0
  private var commitsSinceSnapshot: Int
  /// Whether the newest commit had no snapshot.
  private var isUnsaved = false
  /// The event time of the newest snapshot that this worker has written: what a restart reads stands no earlier.
  public private(set) var savedTime: Milliseconds?
  /// Watermarks written in the open commit; until they have been read back nothing else is read.
  private var pendingWatermarks: [AppendBatch] = []
  private let inputs: [Topic]
  private let leading: [Topic]

  /// - Parameters:
  ///   - inputs: the topics that the stage reads; `leading` those that are read to their end first.
  ///   - makeStage: a stage for a partition, as it is before the first record.
  public init(
    _ stage: S.Type = S.self, log: any Log, configuration: EngineConfiguration, settings: WorkerSettings,
    makeStage: @escaping (Int, any LogReader) throws -> S
  ) throws {
    let reader = try log.makeReader()
    let sample = try makeStage(0, reader)
    inputs = sample.inputs
    leading = sample.leading
    self.configuration = configuration
    self.settings = settings
    self.reader = reader
    self.makeStage = makeStage
    commitsSinceSnapshot = settings.snapshotCommits
    try Self.check(inputs, log: log, configuration: configuration)
    consumer = try log.join(
      group: Self.group(configuration.names), topics: inputs.map { configuration.names[$0] },
      member: settings.member)
  }

  /// The consumer group of the stage's workers: who owns it does the stage's work.
  public static func group(_ names: TopicNames) -> String {
    "leeway.\(names.prefix)\(S.name)"
  }

  private static func check(_ inputs: [Topic], log: any Log, configuration: EngineConfiguration) throws {
    let topics = try log.topics()
    for input in inputs {
      let name = configuration.names[input]
      let wanted = configuration.partitions(of: input)
      guard let spec = topics.first(where: { $0.name == name }) else {
        throw EngineError(.topics, "topic \(name) is not in the log; `leeway topics create` makes it")
      }
      guard spec.partitions == wanted else {
        throw EngineError(
          .topics,
          "topic \(name) has \(spec.partitions) partitions, the configuration says \(wanted): topics that are joined "
            + "must have the same number, and it cannot be changed while they hold data")
      }
    }
  }

  /// The stages at work, by partition.
  public var stages: [Int: S] { slots.mapValues { $0.stage } }

  /// Reads once, processes what came, and commits where enough has gathered or `flush` says so.
  public func step(flush: Bool = false) throws -> Step {
    let records = try read()
    uncommitted += records
    let outputs = slots.values.reduce(pendingWatermarks.count) { $0 + $1.outputs.count }
    let due = uncommitted >= settings.commitRecords || outputs >= settings.commitRecords
    guard due || (flush && (uncommitted > 0 || outputs > 0)) else { return Step(records: records, committed: false) }
    try commit()
    return Step(records: records, committed: true)
  }

  /// Waits until there is something to read, at most `milliseconds`.
  public func wait(milliseconds: Int) throws {
    try consumer.wait(inputs.map { configuration.names[$0] }, milliseconds: milliseconds)
  }

  /// Commits what is open, with a snapshot, and leaves the group.
  public func close() throws {
    if !slots.isEmpty { try commit(closing: true) }
    consumer.close()
    reader.close()
  }

  private func read() throws -> Int {
    let replaying = inputs.filter { input in slots.values.contains { $0.replaying.contains(input) } }
    if !replaying.isEmpty {
      let records = try poll(replaying)
      if records > 0 { return records }
      // Nothing is left below the commit but holes.
      for partition in slots.keys { slots[partition]?.replaying = [] }
    }
    if !leading.isEmpty {
      let first = try poll(leading)
      if first > 0 { return first }
    }
    let open = inputs.filter { input in
      !leading.contains(input) && !slots.values.contains { $0.stage.isSaturated(input) }
    }
    return open.isEmpty ? 0 : try poll(open)
  }

  private func poll(_ topics: [Topic]) throws -> Int {
    let names = topics.map { configuration.names[$0] }
    do {
      switch try consumer.poll(names, limit: ReadLimit(records: settings.pollRecords)) {
      case .idle: return 0
      case .assigned(let partitions, let committed):
        try assign(partitions, committed: committed)
        return try poll(topics)
      case .revoked(let partitions):
        try commit()
        for partition in partitions { slots[partition] = nil }
        return 0
      case .records(let fetches):
        return try fetches.reduce(0) { try $0 + process($1) }
      }
    } catch let error as LogError where error.code == .damaged {
      try skip(error)
      return 1
    }
  }

  private func process(_ fetch: Fetch) throws -> Int {
    guard let topic = configuration.names.topic(named: fetch.partition.topic) else { return 0 }
    let partition = fetch.partition.partition
    // Taken out while it works, so that its arrays are not copied.
    guard var slot = slots.removeValue(forKey: partition) else { return 0 }
    let end = slot.replaying.isEmpty ? .max : slot.replayEnds[topic] ?? .max
    if fetch.next >= end { slot.replaying.remove(topic) }
    if fetch.next > end { try consumer.seek(fetch.partition, to: end) }
    let records = fetch.next > end ? fetch.records.filter { $0.offset < end } : fetch.records
    try slot.stage.process(records, of: topic, next: min(fetch.next, end), into: &slot.outputs)
    slots[partition] = slot
    return fetch.records.count
  }

  /// A batch that fails its checksum is a dead letter, and the stream goes on behind it.
  private func skip(_ error: LogError) throws {
    guard let offsets = error.offsets, let place = error.partition,
      let topic = configuration.names.topic(named: place.topic),
      var slot = slots.removeValue(forKey: place.partition)
    else { throw error }
    slot.outputs.taking(topic, at: offsets.lowerBound)
    slot.outputs.emit(
      DeadLetter(
        topic: topic.rawValue, partition: place.partition, offset: offsets.lowerBound, code: "damaged",
        reason: error.message, time: 0, sample: ""))
    try slot.stage.process([], of: topic, next: offsets.upperBound, into: &slot.outputs)
    slots[place.partition] = slot
    try consumer.seek(place, to: offsets.upperBound)
  }
}

// MARK: Watermarks by the shell's clock

extension Worker where S == JoinStage {
  /// The newest event time that any partition has read; nil before the first.
  public var newestTime: Milliseconds? {
    slots.values.map { $0.stage.newestTime }.max().flatMap { $0 == .min ? nil : $0 }
  }

  /// The topics of events that have been read to the end that the log has now, with that offset.
  public func readToEnd() throws -> [TopicPartition: Int64] {
    var ends: [TopicPartition: Int64] = [:]
    for (partition, slot) in slots {
      for (topic, offset) in slot.stage.reads {
        let place = TopicPartition(configuration.names[topic], partition)
        if try reader.bounds(of: place).upperBound == offset { ends[place] = offset }
      }
    }
    return ends
  }

  /// Says in `watermarks` of each silent topic that it has passed `time` at the place where it has been read to. The
  /// records are committed at once and read back before anything else.
  ///
  /// - Parameter silent: those of which nothing is to be expected before `time`; nil for all.
  /// - Returns: whether there was anything to say.
  public func promise(passed time: Milliseconds, by silent: Set<TopicPartition>? = nil) throws -> Bool {
    for (partition, slot) in slots.sorted(by: { $0.key < $1.key }) {
      let topics = slot.stage.inputs.filter { topic in
        silent?.contains(TopicPartition(configuration.names[topic], partition)) ?? true
      }
      guard let watermark = slot.stage.watermark(at: time, silent: Set(topics)) else { continue }
      let attributes = CloudEvent(id: "\(partition)-\(time)", source: "leeway/clock", kind: "watermark", time: time)
      let record = Record(timestamp: time, key: nil, value: watermark.encoded()[...], headers: attributes.headers)
      let place = TopicPartition(configuration.names[.watermarks], partition)
      pendingWatermarks.append(AppendBatch(place, [record]))
    }
    guard !pendingWatermarks.isEmpty else { return false }
    try commit()
    return true
  }
}

// MARK: Commit and recovery

extension Worker {
  private func commit(closing: Bool = false) throws {
    var batches = pendingWatermarks
    var offsets: [TopicPartition: Int64] = [:]
    for (partition, slot) in slots {
      for (topic, position) in slot.stage.positions {
        let place = TopicPartition(configuration.names[topic], partition)
        if committedPositions[place] ?? 0 < position { offsets[place] = position }
      }
    }
    for partition in slots.keys.sorted() { batches += slots[partition]?.outputs.take() ?? [] }
    uncommitted = 0
    guard !batches.isEmpty || !offsets.isEmpty || closing && isUnsaved else { return }
    commitNumber += 1
    commitsSinceSnapshot += 1
    let withSnapshot = closing || commitsSinceSnapshot > settings.snapshotCommits
    if withSnapshot { batches += snapshots() }
    try consumer.commit(outputs: Self.merged(batches), offsets: offsets)
    committedPositions.merge(offsets) { _, new in new }
    pendingWatermarks = []
    if withSnapshot {
      commitsSinceSnapshot = 0
      savedTime = slots.values.map { $0.stage.eventTime }.min()
    }
    isUnsaved = !withSnapshot
  }

  /// Outputs of several partitions of a stage may go to the same place.
  private static func merged(_ batches: [AppendBatch]) -> [AppendBatch] {
    Dictionary(grouping: batches, by: \.partition).sorted { $0.key < $1.key }
      .map { AppendBatch($0.key, $0.value.flatMap(\.records)) }
  }

  private func snapshots() -> [AppendBatch] {
    let place = TopicPartition(configuration.names[.checkpoints], 0)
    return slots.sorted { $0.key < $1.key }.map { partition, slot in
      var writer = ByteWriter()
      slot.stage.encodeState(into: &writer)
      let snapshot = Snapshot(
        positions: slot.stage.positions, emitted: slot.outputs.numbered, fingerprint: configuration.fingerprint,
        state: writer.bytes)
      return AppendBatch(place, snapshot.records(stage: S.name, partition: partition, number: commitNumber))
    }
  }

  private func assign(_ partitions: [Int], committed: [TopicPartition: Int64]) throws {
    let place = TopicPartition(configuration.names[.checkpoints], 0)
    let (snapshots, number) = try SnapshotStore.newest(of: S.name, in: reader, topic: place)
    for partition in partitions {
      var stage = try makeStage(partition, reader)
      var snapshot = snapshots[partition]
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
      var positions: [Topic: Int64] = [:]
      var done: [Topic: Int64] = [:]
      for topic in inputs {
        let source = TopicPartition(configuration.names[topic], partition)
        let start = try reader.bounds(of: source).lowerBound
        done[topic] = committed[source] ?? 0
        positions[topic] = try position(snapshot?.positions[topic], committed: done[topic] ?? 0, start: start, source)
        try consumer.seek(source, to: positions[topic] ?? start)
      }
      stage.start(at: positions)
      let outputs = Outputs(
        names: configuration.names, partitions: counts(), stage: S.name, partition: partition,
        emitted: snapshot?.emitted ?? 0, committed: done)
      slots[partition] = Slot(stage: stage, outputs: outputs)
      if !stage.ordersInputs {
        slots[partition]?.replayEnds = done.merging(positions) { max($0, $1) }
        slots[partition]?.replaying = Set(inputs.filter { positions[$0, default: 0] < done[$0, default: 0] })
      }
    }
    commitNumber = number
    committedPositions.merge(committed) { _, new in new }
  }

  /// Where to read from: the snapshot's place or, without one, the first record that the log has.
  private func position(
    _ snapshot: Int64?, committed: Int64, start: Int64, _ source: TopicPartition
  ) throws -> Int64 {
    let wanted = snapshot ?? 0
    guard wanted < start else { return wanted }
    guard committed <= start || snapshot == nil && committed == 0 else {
      throw EngineError(
        snapshot == nil ? .noSnapshot : .historyLost,
        "\(source) begins at offset \(start), but the state of stage \(S.name) can only be brought up to date from "
          + "offset \(wanted): keep its records longer than the label horizon")
    }
    return start
  }

  private func counts() -> [Topic: Int] {
    Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0, configuration.partitions(of: $0)) })
  }
}

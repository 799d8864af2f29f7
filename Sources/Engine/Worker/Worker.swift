public import Events
public import Log

/// Runs one stage over the partitions that its consumer group assigns to it: poll, process, commit.
///
/// Owned by one thread, which calls `step` again and again and waits in between. Outputs, snapshots and consumed offsets
/// go into one commit. An error means that the worker must be dropped, as it commits nothing more; a new one takes up
/// where the last commit stood.
public final class Worker<S: Stage> {
  /// What one step did.
  public struct Step: Sendable {
    /// Records read.
    public let records: Int
    public let committed: Bool
    public var isIdle: Bool { records == 0 && !committed }
  }

  /// One partition at work. An object, so that a stage works in place and looking at it copies nothing.
  final class Slot {
    var stage: S
    var outputs: Outputs
    var saving: SnapshotSchedule
    /// Where inputs are read to before any is read on, and those that have not got there.
    var replayEnds: [Topic: Int64] = [:]
    var replaying: Set<Topic> = []
    /// The newest record of each input that was read.
    var marks: [Topic: ReadMark] = [:]

    init(stage: S, outputs: Outputs, saving: SnapshotSchedule) {
      (self.stage, self.outputs, self.saving) = (stage, outputs, saving)
    }
  }

  public let configuration: EngineConfiguration
  let settings: WorkerSettings
  let consumer: any LogConsumer
  let reader: any LogReader
  let makeStage: (Int, any LogReader) throws -> S
  let inputs: [Topic]
  let leading: [Topic]
  var slots: [Int: Slot] = [:]
  /// Records read since the last commit.
  var uncommitted = 0
  var committedPositions: [TopicPartition: Int64] = [:]
  /// Outputs handed to the log since the last commit.
  var sent = 0
  /// By partition, the watermark that was written last and has not been read back: a log may take a while to show it.
  var awaited: [Int: [UInt8]] = [:]
  private var hasFailed = false

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
    for input in inputs {
      let name = configuration.names[input]
      let wanted = configuration.partitions(of: input)
      guard let partitions = try log.partitions(of: name) else {
        throw EngineError(.topics, "topic \(name) is not in the log; `leeway topics create` makes it")
      }
      guard partitions == wanted else {
        throw EngineError(
          .topics,
          "topic \(name) has \(partitions) partitions, the configuration says \(wanted), as it must of all topics that are "
            + "joined; `leeway topics check` says what to do")
      }
    }
  }

  /// The stages at work, by partition.
  public var stages: [Int: S] { slots.mapValues { $0.stage } }

  /// Reads once, processes what came, and commits where enough has gathered or `flush` says so.
  public func step(flush: Bool = false) throws -> Step {
    try failing {
      let records = try read()
      uncommitted += records
      try handOver()
      let due = uncommitted >= settings.commitRecords || sent >= settings.commitRecords
      guard due || (flush && (uncommitted > 0 || sent > 0)) else { return Step(records: records, committed: false) }
      try commit()
      return Step(records: records, committed: true)
    }
  }

  /// Inputs of which more would not only pile up.
  private var open: [Topic] {
    inputs.filter { input in !slots.values.contains { $0.stage.isSaturated(input) } }
  }

  /// Whether it has read all that the log holds for it now. Asks the log, which takes a while on a cluster.
  public func hasReadAll() throws -> Bool {
    try failing { try consumer.hasReadAll(open.map { configuration.names[$0] }) }
  }

  /// Waits until there is something to read, at most `milliseconds`.
  public func wait(milliseconds: Int) throws {
    try consumer.wait(inputs.map { configuration.names[$0] }, milliseconds: milliseconds)
  }

  /// Commits what is open, with a snapshot of every partition that has moved, and leaves the group. After an error it
  /// only leaves.
  public func close() throws {
    defer { leave() }
    if !hasFailed { try failing { try commit(closing: true) } }
  }

  /// Leaves the group without a commit: another worker takes up where the last one stood.
  public func leave() {
    consumer.close()
    reader.close()
  }

  /// An error may leave a partition anywhere between two commits: nothing of this worker may be committed after it.
  func failing<Result>(_ body: () throws -> Result) throws -> Result {
    guard !hasFailed else {
      throw EngineError(.failed, "this worker of stage \(S.name) has failed before: drop it and make a new one")
    }
    do {
      return try body()
    } catch {
      hasFailed = true
      (slots, awaited) = ([:], [:])
      throw error
    }
  }

  private enum Poll {
    /// Partitions have come or gone: what is to be read next has to be asked anew.
    case changed
    case records(Int)
    case idle
  }

  /// Reads from the first topics that hold something, of those whose turn it is.
  private func read() throws -> Int {
    while true {
      switch try pollNext() {
      case .records(let count) where count > 0: return count
      case .idle: return 0
      // Holes at the end of a partition come as no records.
      case .records, .changed: continue
      }
    }
  }

  private func pollNext() throws -> Poll {
    let replaying = inputs.filter { input in slots.values.contains { $0.replaying.contains(input) } }
    if !replaying.isEmpty {
      let repeated = try poll(replaying)
      guard case .idle = repeated else { return repeated }
      // Nothing is left below the commit but holes.
      for slot in slots.values { slot.replaying = [] }
    }
    if !leading.isEmpty {
      let first = try poll(leading)
      // What this worker has written there stands before everything else.
      guard case .idle = first, awaited.isEmpty else { return first }
    }
    let open = open.filter { !leading.contains($0) }
    return open.isEmpty ? .idle : try poll(open)
  }

  private func poll(_ topics: [Topic]) throws -> Poll {
    let names = topics.map { configuration.names[$0] }
    let polled: Polled
    do throws(LogError) {
      polled = try consumer.poll(names, limit: ReadLimit(records: settings.pollRecords))
    } catch {
      if error.code == .offsetOutOfRange, let place = error.partition, error.offsets?.isEmpty == true {
        let topic = configuration.names.topic(named: place.topic)
        let last = topic.flatMap { slots[place.partition]?.marks[$0]?.offset } ?? -1
        throw Self.replaced(place, read: max(committedPositions[place] ?? 0, last + 1))
      }
      guard [.damaged, .offsetOutOfRange].contains(error.code) else { throw error }
      try skip(error)
      return .records(1)
    }
    switch polled {
    case .idle: return .idle
    case .assigned(let partitions, let committed):
      // Restoring may take a while, in which nothing is to stay open.
      try commit()
      try assign(partitions, committed: committed)
      return .changed
    case .revoked(let partitions):
      try commit()
      for partition in partitions { (slots[partition], awaited[partition]) = (nil, nil) }
      return .changed
    case .records(let fetches):
      return .records(try fetches.reduce(0) { try $0 + process($1) })
    }
  }

  private func process(_ fetch: Fetch) throws -> Int {
    guard let topic = configuration.names.topic(named: fetch.partition.topic) else { return 0 }
    let partition = fetch.partition.partition
    guard let slot = slots[partition] else { return 0 }
    if let mark = awaited[partition], topic == .watermarks,
      fetch.records.contains(where: { $0.record.value == mark[...] })
    {
      awaited[partition] = nil
    }
    let end = slot.replaying.isEmpty ? .max : slot.replayEnds[topic] ?? .max
    if fetch.next >= end { slot.replaying.remove(topic) }
    if fetch.next > end { try consumer.seek(fetch.partition, to: end) }
    let records = fetch.next > end ? fetch.records.prefix { $0.offset < end } : fetch.records[...]
    if let last = records.last { slot.marks[topic] = ReadMark(last) }
    try slot.stage.process(records, of: topic, next: min(fetch.next, end), into: &slot.outputs)
    slot.saving.records += fetch.records.count
    // At once, so that no commit has to hold the states of several partitions.
    if slot.outputs.wantsSnapshot { try commit() }
    return fetch.records.count
  }
}

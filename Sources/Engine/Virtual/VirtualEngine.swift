public import Events
public import Log

/// The four stages of one configuration over recorded events, in virtual time: the very stages of the live engine, without
/// groups, commits and snapshots.
///
/// Its caller is the clock. Before it hands over events it says how late it is (`advance`), and runs that are due by then
/// end; in between it may promise that nothing earlier is to come (`promise`). The same calls give the same outputs, byte
/// for byte. Belongs to one thread. After an error it must be thrown away.
public final class VirtualEngine {
  public struct Settings {
    /// Topics that are not made at all: for speed, where nobody reads them.
    public var unwanted: Set<Topic>
    /// Topics of events that nothing will ever come of, so that no event waits for them.
    public var absent: Set<Topic>
    /// Topics that are put into the log beside those that runs read.
    public var kept: Set<Topic>
    /// Whether triggers lead to runs.
    public var trains: Bool
    /// How long a run takes, in milliseconds of virtual time. From 0 on.
    public var trainingTime: (RunStarted) -> Milliseconds

    public init(
      unwanted: Set<Topic> = [], absent: Set<Topic> = [], kept: Set<Topic> = [], trains: Bool = true,
      trainingTime: @escaping (RunStarted) -> Milliseconds = { _ in 0 }
    ) {
      self.unwanted = unwanted
      self.absent = absent
      self.kept = kept
      self.trains = trains
      self.trainingTime = trainingTime
    }
  }

  /// What a run reads, and what tells of its outcome.
  public static let needed: Set<Topic> = [.examples, .triggers, .runs, .models, .artifacts]

  public let configuration: EngineConfiguration
  private let settings: Settings
  private let trainer: any Trainer
  private let versions: any VersionDirectory
  private let producer: any LogProducer
  /// Told every output, in order; artifacts are not among them.
  private let observe: (Topic, Record) throws -> Void
  private var joins: [VirtualStage<JoinStage>] = []
  private let monitors: [VirtualStage<MonitorStage>]
  private let trains: [VirtualStage<TrainStage>]
  /// What waits to be put into the log.
  private var pending = PendingOutputs()
  /// Where the next record of a topic between stages stands.
  private var ends: [TopicPartition: Int64] = [:]
  /// Open runs, and when they end.
  private var due: [String: Milliseconds] = [:]
  /// Whether the train stages have taken something since open runs were looked at.
  private var runsMayHaveChanged = false
  private var history: HistoryNumbers
  /// The virtual time. Never goes back.
  public private(set) var now = Milliseconds.min

  /// - Parameters:
  ///   - log: holds the topics `needed` and those kept, all of them empty and with the configuration's partitions.
  ///   - trainer: reads rows and artifacts from that log.
  ///   - versions: knows the versions that predictions name; nil where all of them are the engine's own.
  public init(
    _ configuration: EngineConfiguration, log: any Log, trainer: any Trainer, versions: (any VersionDirectory)? = nil,
    settings: Settings = Settings(), observe: @escaping (Topic, Record) throws -> Void = { _, _ in }
  ) throws {
    self.configuration = configuration
    self.settings = settings
    self.trainer = trainer
    self.observe = observe
    self.versions =
      try versions ?? LogVersionDirectory(reader: log.makeReader(), configuration: configuration)
    producer = try log.makeProducer(id: nil)
    history = HistoryNumbers(partitions: configuration.inputPartitions)
    monitors = (0..<configuration.modelPartitions).map { partition in
      VirtualStage(
        MonitorStage(
          partition: partition, configuration: configuration, reports: !settings.unwanted.contains(.drift)),
        partition, configuration, settings)
    }
    trains = (0..<configuration.modelPartitions).map { partition in
      VirtualStage(TrainStage(partition: partition, configuration: configuration), partition, configuration, settings)
    }
  }

  /// Puts rows that were labelled before the first event into `examples`. Before anything else.
  public func append(history rows: some Sequence<Example>) throws {
    for row in rows { try keep(history.append(row), in: .examples) }
  }

  /// The same for records of history that a log holds.
  public func append(recorded records: [Record], partition: Int) throws {
    guard history.next.indices.contains(partition) else { throw wrong(partition, of: .examples) }
    for record in records {
      history.note(record, in: partition)
      try keep((partition, record), in: .examples)
    }
  }

  /// Says that the history is whole.
  /// - Parameter end: the time before which all of it is labelled.
  /// - Returns: its rows, for a trigger.
  public func endHistory(at end: Milliseconds) throws -> RowSet {
    for record in history.marks(upTo: end) { try keep(record, in: .examples) }
    return history.rows(before: end)
  }

  /// Takes records of a topic of events, in the order of their partition.
  /// - Parameter next: the offset behind them.
  public func take(_ records: ArraySlice<StoredRecord>, of topic: Topic, partition: Int, next: Int64) throws {
    start()
    guard joins.indices.contains(partition) else { throw wrong(partition, of: topic) }
    try joins[partition].process(records, of: topic, next: next)
    try settle()
  }

  /// Takes summaries that were made before, in place of events.
  public func take(summaries records: ArraySlice<ReadSummary>, partition: Int, next: Int64) throws {
    guard monitors.indices.contains(partition) else { throw wrongOfModels(partition, Topic.summaries.rawValue) }
    monitors[partition].process(records, next: next)
    try settle()
  }

  /// Takes a record of `triggers` or `runs` that somebody outside the engine wrote.
  public func take(request batch: AppendBatch) throws {
    start()
    guard trains.indices.contains(batch.partition.partition) else {
      throw wrongOfModels(batch.partition.partition, batch.partition.topic)
    }
    try route(batch)
    try settle()
  }

  /// Promises that every event to come has at least this time.
  ///
  /// - Parameter silent: the topics of which that is known; nil for all.
  public func promise(passed time: Milliseconds, by silent: Set<TopicPartition>? = nil) throws {
    start()
    for join in joins {
      let topics = join.stage.inputs.filter { topic in
        silent?.contains(TopicPartition(configuration.names[topic], join.partition)) ?? true
      }
      guard let watermark = join.stage.watermark(at: time, silent: Set(topics)) else { continue }
      let place = TopicPartition(configuration.names[.watermarks], join.partition)
      let stored = number([Record(timestamp: time, value: watermark.encoded()[...])], in: place)
      try join.process(stored[...], of: .watermarks, next: ends[place, default: 0])
    }
    try settle()
  }

  /// Moves the virtual time on: runs that are due by then end, in order.
  public func advance(to time: Milliseconds) throws {
    while let next = due.values.min(), next <= time {
      now = max(now, next)
      try endRuns()
    }
    now = max(now, time)
  }

  /// Lets every open run end, however late that is, and puts everything into the log.
  public func finish() throws {
    while let next = due.values.min() { try advance(to: next) }
    try flush()
  }

  /// Puts what has been made into the log.
  public func flush() throws {
    try pending.flush(producer)
  }

  /// The newest event time that any partition has read; nil before the first.
  public var newestTime: Milliseconds? {
    joins.map(\.stage.newestTime).max().flatMap { $0 == .min ? nil : $0 }
  }

  /// The latest time that any topic has told of.
  public var latestTime: Milliseconds? { joins.flatMap { $0.stage.frontiers.map(\.time) }.max() }

  /// The topic that has told of the least time, and that time: nothing behind it has been judged. Nil before the first event.
  public var slowest: (place: TopicPartition, time: Milliseconds)? {
    joins.flatMap { join in
      join.stage.frontiers.map { (TopicPartition(configuration.names[$0], join.partition), $1) }
    }.min { $0.1 < $1.1 }
  }

  /// What is labelled now, for a trigger; nil before the first row.
  public var resolvedRows: RowSet? {
    let ranges = joins.map { PartitionRows(partition: $0.partition, first: 0, end: $0.stage.join.nextSeq) }
    guard let before = joins.map(\.stage.resolved).min(), before > .min else { return nil }
    return RowSet(before: before, partitions: ranges)
  }
}

// From stage to stage.
extension VirtualEngine {
  /// The join stages begin where the history ends.
  private func start() {
    guard joins.isEmpty else { return }
    joins = (0..<configuration.inputPartitions).map { partition in
      let stage = JoinStage(
        partition: partition, configuration: configuration, versions: versions,
        firstFreeNumber: history.next[partition], unwanted: settings.unwanted, absent: settings.absent)
      return VirtualStage(stage, partition, configuration, settings)
    }
  }

  /// Passes outputs on until there are none, and begins and ends runs.
  private func settle() throws {
    repeat {
      while try passOn() {}
      if runsMayHaveChanged { begin() }
      guard !due.isEmpty else { return }
    } while try endRuns()
  }

  private func passOn() throws -> Bool {
    var moved = false
    func pass<S: Stage>(_ stages: [VirtualStage<S>]) throws {
      for stage in stages where stage.hasOutputs {
        for batch in stage.takeOutputs() { try route(batch) }
        moved = true
      }
    }
    try pass(joins)
    try pass(monitors)
    try pass(trains)
    return moved
  }

  private func route(_ batch: AppendBatch) throws {
    guard let topic = configuration.names.topic(named: batch.partition.topic) else { return }
    for record in batch.records where topic != .artifacts { try observe(topic, record) }
    if Self.needed.contains(topic) || settings.kept.contains(topic) { try pending.append(batch, producer) }
    let place = batch.partition
    switch topic {
    case .summaries:
      let records = number(batch.records, in: place)
      try monitors[place.partition].process(records[...], of: topic, next: ends[place, default: 0])
    case .triggers where !settings.trains: break
    case .triggers, .runs:
      let records = number(batch.records, in: place)
      runsMayHaveChanged = true
      try trains[place.partition].process(records[...], of: topic, next: ends[place, default: 0])
    default: break
    }
  }

  private func wrong(_ partition: Int, of topic: Topic) -> EngineError {
    EngineError(
      .topics,
      "\(topic.rawValue) has a partition \(partition), the configuration says \(configuration.inputPartitions) partitions: "
        + "set topics.partitions to what the recording has")
  }

  private func wrongOfModels(_ partition: Int, _ topic: String) -> EngineError {
    EngineError(
      .topics,
      "\(topic) has a partition \(partition), the configuration says \(monitors.count) partitions: set "
        + "topics.model_partitions to what the recording has")
  }

  private func number(_ records: [Record], in place: TopicPartition) -> [StoredRecord] {
    let first = ends[place, default: 0]
    ends[place] = first + Int64(records.count)
    return records.enumerated().map { StoredRecord(offset: first + Int64($0), record: $1) }
  }

  private func keep(_ record: (partition: Int, record: Record), in topic: Topic) throws {
    try pending.append(
      AppendBatch(TopicPartition(configuration.names[topic], record.partition), [record.record]), producer)
  }
}

// Runs.
extension VirtualEngine {
  private var openRuns: [RunStarted] { trains.flatMap { $0.stage.openRuns } }

  /// Takes note of runs that have been started, and lets go of those that are open no longer.
  private func begin() {
    runsMayHaveChanged = false
    let open = openRuns
    due = due.filter { run, _ in open.contains { $0.run == run } }
    for run in open where due[run.run] == nil {
      due[run.run] = max(now, run.time).saturatingAdd(max(settings.trainingTime(run), 0))
    }
  }

  /// - Returns: whether a run has ended.
  @discardableResult
  private func endRuns() throws -> Bool {
    let ending = openRuns.filter { due[$0.run, default: .max] <= now }
      .sorted { (due[$0.run, default: .max], $0.run) < (due[$1.run, default: .max], $1.run) }
    for run in ending {
      try flush()
      let report = RunReport(
        run, seconds: Double(max(settings.trainingTime(run), 0)) / 1_000,
        outcome: try RunReport.outcome(of: run, by: trainer))
      due[run.run] = nil
      for batch in report.batches(configuration) { try route(batch) }
      while try passOn() {}
    }
    begin()
    return !ending.isEmpty
  }
}

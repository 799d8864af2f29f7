import Engine
import Events
import Log

/// A policy over recorded topics whose predictions are taken as they are: what its monitor and its gate would have said of
/// the versions that served.
///
/// The engine reads what the live one read: events, watermarks, rows of history, and what people asked for. So the policy
/// that was live gives the triggers and the versions that were.
final class AsRecordedRun {
  /// Rows that are handed over together at most: the row of what they lead to is the first of them.
  private static let mostRows = 64
  /// By how much the slowest topic of a live run lies behind the newest event, beside what a pane needs to close.
  private static let usualLag: Milliseconds = 60_000

  private let policy: Policy
  private let recording: any TopicRecording
  private let settings: BacktestSettings
  private let engine: VirtualEngine
  private let journal: JournalKeeper
  private let scores: RecordedScores?
  /// Where nothing is scored.
  private let unscored: ScoreTrack
  private var rows = 0
  private var hasBegun = false
  /// Partitions of events that summaries tell of.
  private var summarized: Set<Int> = []
  private let inputs: Set<Topic>
  /// Cuts the recording at panes: what time does, it does there, however many records are handed over together.
  private var clock: PaneClock
  /// What the owners of silent partitions would have said, where the recording has no watermarks.
  private var silence: Silence?
  /// Records of each topic of events that have been handed over.
  private var taken: [TopicPartition: Int64] = [:]

  /// - Parameters:
  ///   - versions: those that the recorded predictions name; nil where all of them are the engine's own.
  ///   - rows: told what becomes of labelled rows.
  init(
    _ policy: Policy, of recording: any TopicRecording, _ versions: RecordedVersions?, log: any Log,
    trainer: any Trainer, settings: BacktestSettings, observe: OutputObserver?, rows: RowObserver?
  ) throws {
    guard let model = policy.configuration.model(named: settings.model) else {
      throw BacktestError("policy \(policy.name) has no model \(settings.model)")
    }
    (self.policy, self.recording, self.settings) = (policy, recording, settings)
    unscored = ScoreTrack(task: model.task, from: 0)
    let keeper = JournalKeeper(observe)
    journal = keeper
    let scores = settings.depth != .whole ? nil : RecordedScores(model, policy, rows)
    self.scores = scores
    let unwanted: Set<Topic> = settings.depth == .whole ? [.sketches] : [.sketches, .examples, .drift]
    try ScratchTopics.create(in: log, policy.configuration, kept: settings.kept)
    let (intake, names) = (policy.configuration.intake, policy.configuration.names)
    clock = PaneClock(pane: intake.pane)
    let isTold = recording.count(of: .watermarks) > 0
    let absent = isTold || settings.depth == .summaries ? [] : intake.topics.filter { recording.count(of: $0) == 0 }
    if !isTold { silence = Silence(idle: intake.pane) }
    for topic in intake.topics {
      for partition in 0..<policy.configuration.inputPartitions { taken[TopicPartition(names[topic], partition)] = 0 }
    }
    engine = try VirtualEngine(
      policy.configuration, log: log, trainer: trainer,
      versions: versions,
      settings: VirtualEngine.Settings(
        unwanted: unwanted.subtracting(settings.kept), absent: Set(absent), kept: settings.kept,
        trains: settings.depth == .whole, trainingTime: settings.trainingTime),
      observe: { topic, record in
        try keeper.take(topic, record)
        if topic == .examples { try scores?.take(record) }
      })
    inputs =
      switch settings.depth {
      case .whole: [.watermarks, .predictions, .labels, .features, .examples, .triggers, .runs]
      case .monitor: [.watermarks, .predictions, .labels, .features, .examples]
      case .summaries: []
      }
  }

  func outcome() throws -> PolicyOutcome {
    if settings.depth == .summaries {
      try recording.readSummaries(take)
      try checkPartitions()
    } else {
      try readEvents()
    }
    try engine.finish()
    return PolicyOutcome(
      name: policy.name, rows: rows, journal: journal.journal, track: scores?.track ?? unscored, heldUp: heldUp)
  }

  private func readEvents() throws {
    try recording.read(inputs) { run in
      switch run.topic {
      case .examples: try takeHistory(run)
      case .triggers, .runs: try takeRequests(run)
      default:
        hasBegun = true
        try take(run)
      }
    }
    journal.row = max(rows - 1, 0)
    guard silence != nil, let newest = engine.newestTime else { return }
    try engine.promise(passed: PaneClock.closing(newest, policy.configuration.intake))
  }

  private func take(_ run: RecordRun) throws {
    var rest = run.records
    while let first = rest.first {
      let isPrediction = run.topic == .predictions
      let isFirst = clock.enters(first.record.timestamp)
      if isFirst { try enterPane(at: first.record.timestamp) }
      if isFirst || isPrediction && rows % Self.mostRows == 0 { journal.row = isPrediction ? rows : max(rows - 1, 0) }
      let most = isPrediction ? Self.mostRows - rows % Self.mostRows : rest.count
      // The first of a pane on its own, as panes close with it.
      let piece = isFirst ? rest.prefix(1) : rest.prefix(most).prefix { $0.record.timestamp < clock.end }
      if isPrediction { note(piece) }
      let next = piece.endIndex < rest.endIndex ? rest[piece.endIndex].offset : run.next
      try engine.take(piece, of: run.topic, partition: run.partition, next: next)
      taken[TopicPartition(policy.configuration.names[run.topic], run.partition)]? += Int64(piece.count)
      rest = rest[piece.endIndex...]
    }
  }

  /// Ends runs that are due, and tells of silent topics how far they have come, where the recording does not.
  private func enterPane(at time: Milliseconds) throws {
    try engine.advance(to: max(time, engine.now))
    guard let newest = engine.newestTime,
      let told = silence?.look(at: taken, newest: newest, now: engine.now, wall: engine.now)
    else { return }
    try engine.promise(passed: told.passed, by: told.silent)
  }

  private func note(_ records: ArraySlice<StoredRecord>) {
    if let scores { for (index, stored) in records.enumerated() { scores.note(stored.record, row: rows + index) } }
    rows += records.count
  }

  /// Where events behind a time wait for a topic that tells nothing further.
  private var heldUp: PolicyOutcome.HeldUp? {
    let intake = policy.configuration.intake
    guard settings.depth != .summaries, silence == nil, let newest = engine.newestTime, let slowest = engine.slowest,
      PaneClock.closing(slowest.time.saturatingAdd(Self.usualLag), intake) < newest
    else { return nil }
    return PolicyOutcome.HeldUp(
      topic: slowest.place.topic, partition: slowest.place.partition, since: slowest.time == .min ? nil : slowest.time)
  }

  /// Rows that stand in summaries: the last record of every tick says how many there were. Tick by tick, so that the row of
  /// what they lead to does not depend on how many are handed over together.
  private func take(_ run: SummaryRun) throws {
    try engine.advance(to: max(run.time, engine.now))
    var rest = run.records[...]
    while !rest.isEmpty {
      let last = rest.firstIndex { $0.progress != nil } ?? rest.endIndex - 1
      if let progress = rest[last].progress {
        summarized.insert(progress.partition)
        let counted = progress.counts.first { $0.model == settings.model }?.predictions ?? 0
        rows += min(counted, Int.max - rows)
      }
      journal.row = max(rows - 1, 0)
      try engine.take(summaries: rest[...last], partition: run.partition, next: run.next)
      rest = rest[(last + 1)...]
    }
  }

  /// Nothing is complete, and nothing said, while a partition is waited for that is not there.
  private func checkPartitions() throws {
    let expected = policy.configuration.partitions(of: .predictions)
    guard summarized != Set(0..<expected) else { return }
    let found = summarized.sorted().map(String.init).joined(separator: ", ")
    throw BacktestError(
      "the summaries tell of \(found.isEmpty ? "no partition" : "partitions \(found)"), and topics.partitions is "
        + "\(expected): set it to what it was when they were recorded")
  }

  /// Rows that were labelled before Leeway came; examples that the live engine made are made again.
  private func takeHistory(_ run: RecordRun) throws {
    let history = run.records.filter { HistoryNumbers.isHistory($0.record) }
    guard !history.isEmpty else { return }
    guard !hasBegun else {
      throw BacktestError(
        "rows of history were imported after the first event (\(run.topic.rawValue)/\(run.partition), offset "
          + "\(history[history.startIndex].offset)): replay from behind them")
    }
    try engine.append(recorded: history.map(\.record), partition: run.partition)
  }

  /// What people asked for; what the live engine wrote is written again.
  private func takeRequests(_ run: RecordRun) throws {
    let place = TopicPartition(policy.configuration.names[run.topic], run.partition)
    for stored in run.records where Self.isRequest(stored.record, run.topic) {
      try engine.advance(to: max(stored.record.timestamp, engine.now))
      journal.row = max(rows - 1, 0)
      try engine.take(request: AppendBatch(place, [stored.record]))
    }
  }

  private static func isRequest(_ record: Record, _ topic: Topic) -> Bool {
    guard let value = record.value else { return false }
    if topic == .triggers { return (try? Trigger.decode(value))?.isManual ?? false }
    if case .requested? = try? RunRecord.decode(value) { return true }
    return false
  }
}

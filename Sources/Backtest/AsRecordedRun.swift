import Engine
import Events
import Log

/// A policy over recorded topics whose predictions are taken as they are: what its monitor and its gate would have said of
/// the versions that served.
///
/// The engine reads what the live one read: events, watermarks, rows of history, and what people asked for. So the policy
/// that was live gives the triggers and the versions that were.
final class AsRecordedRun {
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
  /// Nil where the recording itself tells how far its topics have come: by their events, or by watermarks.
  private var clock: PaneClock?

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
    let absent = settings.depth == .summaries ? [] : Self.absent(from: recording, policy.configuration.intake)
    if !absent.isEmpty { clock = PaneClock(pane: policy.configuration.intake.pane) }
    engine = try VirtualEngine(
      policy.configuration, log: log, trainer: trainer,
      versions: versions,
      settings: VirtualEngine.Settings(
        unwanted: unwanted.subtracting(settings.kept), absent: absent, kept: settings.kept,
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

  /// The topics of events that are not recorded; none where watermarks are, which tell as much of them as was known then.
  private static func absent(from recording: any TopicRecording, _ intake: IntakeConfiguration) -> Set<Topic> {
    guard recording.count(of: .watermarks) == 0 else { return [] }
    return Set(intake.topics.filter { recording.count(of: $0) == 0 })
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
      name: policy.name, rows: rows, journal: journal.journal,
      track: scores?.track ?? unscored)
  }

  private func readEvents() throws {
    try recording.read(inputs) { run in
      if let last = run.records.last { try engine.advance(to: max(last.record.timestamp, engine.now)) }
      switch run.topic {
      case .examples: try takeHistory(run)
      case .triggers, .runs: try takeRequests(run)
      default:
        hasBegun = true
        try take(run)
      }
    }
    if clock != nil { try engine.promise(passed: PaneClock.closing(engine.now, policy.configuration.intake)) }
  }

  /// Tells the engine with every pane that everything before has come, where nothing else does.
  private func take(_ run: RecordRun) throws {
    var rest = run.records
    while let first = rest.first {
      var end = rest.endIndex
      if let clock { end = rest.indices.first { rest[$0].record.timestamp >= clock.end } ?? end }
      if clock?.enters(first.record.timestamp) == true {
        try engine.promise(passed: first.record.timestamp)
        // On its own, as panes close with it: so the row of what they lead to does not depend on how records are cut.
        end = rest.startIndex + 1
      }
      let next = end < rest.endIndex ? rest[end].offset : run.next
      if run.topic == .predictions { note(rest[..<end]) }
      try engine.take(rest[..<end], of: run.topic, partition: run.partition, next: next)
      rest = rest[end...]
    }
  }

  private func note(_ records: ArraySlice<StoredRecord>) {
    if let scores { for (index, stored) in records.enumerated() { scores.note(stored.record, row: rows + index) } }
    rows += records.count
    journal.row = max(rows - 1, 0)
  }

  /// Rows that stand in summaries: the last record of every tick says how many there were.
  private func take(_ run: SummaryRun) throws {
    try engine.advance(to: max(run.time, engine.now))
    for read in run.records {
      guard let progress = read.progress else { continue }
      summarized.insert(progress.partition)
      rows += progress.counts.first { $0.model == settings.model }?.predictions ?? 0
    }
    journal.row = max(rows - 1, 0)
    try engine.take(summaries: run.records, partition: run.partition, next: run.next)
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

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
  private var feed: EventFeed

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
    let isTold = recording.count(of: .watermarks) > 0
    let topics = isTold || settings.depth == .summaries ? [] : policy.configuration.intake.topics
    engine = try VirtualEngine(
      policy.configuration, log: log, trainer: trainer, versions: versions,
      settings: VirtualEngine.Settings(
        unwanted: unwanted.subtracting(settings.kept), absent: Set(topics.filter { recording.count(of: $0) == 0 }),
        kept: settings.kept, trains: settings.depth == .whole, trainingTime: settings.trainingTime),
      observe: { topic, record in
        try keeper.take(topic, record)
        if topic == .examples { try scores?.take(record) }
      })
    feed = EventFeed(engine, isTold: isTold)
    inputs =
      switch settings.depth {
      case .whole: [.watermarks, .predictions, .labels, .features, .examples, .triggers, .runs]
      case .monitor: [.watermarks, .predictions, .labels, .features, .examples]
      case .summaries: []
      }
  }

  func outcome() throws -> PolicyOutcome {
    var heldUp: PolicyOutcome.HeldUp?
    if settings.depth == .summaries {
      try recording.readSummaries(take)
      try checkPartitions()
    } else {
      heldUp = try readEvents()
    }
    try engine.finish()
    return PolicyOutcome(
      name: policy.name, rows: rows, journal: journal.journal, track: scores?.track ?? unscored, heldUp: heldUp)
  }

  /// - Returns: what kept events from being judged.
  private func readEvents() throws -> PolicyOutcome.HeldUp? {
    try recording.read(inputs) { run in
      switch run.topic {
      case .examples: try takeHistory(run)
      case .triggers, .runs: try takeRequests(run)
      default:
        hasBegun = true
        try feed.hand(run, cut: { journal.row = $0 }, note: { note($0, $1) })
        rows = feed.rows
      }
    }
    journal.row = max(rows - 1, 0)
    return try feed.end()
  }

  private func note(_ records: ArraySlice<StoredRecord>, _ first: Int) {
    guard let scores else { return }
    for (index, stored) in records.enumerated() { scores.note(stored.record, row: first + index) }
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
        + "\(expected): set it to what it was when they were recorded"
        + (journal.journal.firstDeadLetter.map { "; or some could not be read, the first because: \($0)" } ?? ""))
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

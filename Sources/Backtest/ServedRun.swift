import Bytes
import Engine
import Events
import LeewayClient
import Log
import Models

/// A policy over a recording whose rows its own versions score: what would have happened.
///
/// The oldest rows, with their labels, train version 1. Every row behind them is scored by the version that is in service
/// when the row comes; its label comes when it came.
final class ServedRun {
  private let policy: Policy
  private let model: ModelConfiguration
  private let log: any Log
  private let settings: BacktestSettings
  private let rows: RowObserver?
  private let engine: VirtualEngine
  private let journal: JournalKeeper
  private var scorer: LocalScorer?
  private var track: ScoreTrack
  private var open: OpenRows<Score>
  private var oracle: OracleTriggers?
  private var next: [TopicPartition: Int64] = [:]
  private var clock: PaneClock

  /// - Parameters:
  ///   - log: an empty log for what the policy makes.
  ///   - rows: told every row that counts, with its label and its score, in the order of the labels.
  init(
    _ policy: Policy, log: any Log, trainer: any Trainer, settings: BacktestSettings, observe: OutputObserver?,
    rows: RowObserver?
  ) throws {
    guard let model = policy.configuration.model(named: settings.model) else {
      throw BacktestError("policy \(policy.name) has no model \(settings.model)")
    }
    guard !policy.configuration.intake.featuresTopic else {
      throw BacktestError(
        "policy \(policy.name) joins features from their own topic (time.features_topic), so no version can score the recorded "
          + "rows: take the scores as they were recorded (--as-recorded)")
    }
    (self.policy, self.model, self.log, self.settings, self.rows) = (policy, model, log, settings, rows)
    let keeper = JournalKeeper(observe)
    journal = keeper
    try ScratchTopics.create(in: log, policy.configuration, kept: settings.kept)
    engine = try VirtualEngine(
      policy.configuration, log: log, trainer: trainer,
      settings: VirtualEngine.Settings(
        unwanted: policy.retrains ? [.sketches] : [.sketches, .examples, .summaries, .drift], kept: settings.kept,
        trainingTime: settings.trainingTime),
      observe: { try keeper.take($0, $1) })
    clock = PaneClock(pane: policy.configuration.intake.pane)
    open = OpenRows(most: policy.configuration.mostOpen)
    track = ScoreTrack(task: model.task, from: max(settings.scoredFrom ?? 0, settings.historyRows))
    if case .oracle(let changes) = policy.extra {
      oracle = OracleTriggers(
        model: model.name, changes: changes.filter { $0 >= settings.historyRows },
        minimumRows: model.training.minimumRows)
    }
  }

  func outcome(of recording: any EventRecording, history: [Example], end: Milliseconds) throws -> PolicyOutcome {
    journal.row = settings.historyRows
    try engine.append(history: history)
    let labelled = try engine.endHistory(at: end)
    let request = TriggerRequest(
      model: model.name, name: "first", reason: "the first \(history.count) labelled rows train version 1",
      rows: labelled)
    try engine.take(request: request.batch(policy.configuration))
    try engine.finish()
    // The first version is there when the first row comes, however long it took.
    try renewScorer()
    guard scorer != nil else {
      let reason = journal.journal.firstFailure.map { ": \($0)" } ?? ""
      throw BacktestError("policy \(policy.name): no first version came of \(history.count) labelled rows\(reason)")
    }
    var row = 0
    try recording.read { event in
      if case .prediction(let prediction) = event.event, prediction.model == model.name {
        defer { row += 1 }
        guard row >= settings.historyRows else { return }
        journal.row = row
      }
      try take(event)
    }
    try settle()
    return PolicyOutcome(name: policy.name, rows: row, journal: journal.journal, track: track)
  }

  private func take(_ event: TimedEvent) throws {
    try moveOn(to: event.time)
    switch event.event {
    case .prediction(let prediction) where prediction.model == model.name: try serve(prediction, at: event.time)
    case .label(let label) where label.model == model.name:
      guard try judge(label) else { return }
      try hand(label.encoded(), key: label.prediction, to: .labels, at: event.time)
    case .unreadable(let reason): journal.refuse(reason)
    default: break
    }
  }

  /// Ends runs that are due, and tells the engine with every pane that everything before now has come.
  private func moveOn(to time: Milliseconds) throws {
    try engine.advance(to: time)
    guard clock.enters(time) else { return }
    try engine.promise(passed: time)
    if let request = oracle?.request(engine.resolvedRows) {
      try engine.take(request: request.batch(policy.configuration))
    }
  }

  private func serve(_ prediction: Prediction, at time: Milliseconds) throws {
    try renewScorer()
    guard let scored = scorer?.score(prediction.features) else { return }
    if oracle != nil { oracle?.note(row: journal.row, time: prediction.time) }
    var served = prediction
    (served.version, served.score, served.time) = (scored.version, scored.score, min(prediction.time, time))
    open.add(
      prediction.id, row: journal.row, scored.score,
      expires: time.saturatingAdd(policy.configuration.intake.labelHorizon))
    open.expire(before: time)
    try hand(served.encoded(), key: prediction.id, to: .predictions, at: time)
  }

  /// - Returns: whether the label belongs to a row that was served and waits for it.
  private func judge(_ label: Label) throws -> Bool {
    guard let (row, score) = open.take(label.prediction) else { return false }
    if track.add(score, label.value, row: row) { try rows?(policy.name, row, label.value, score) }
    return true
  }

  private func hand(_ value: [UInt8], key: String, to topic: Topic, at time: Milliseconds) throws {
    let key = Array(key.utf8)
    let partition = Murmur2.partition(of: key, among: policy.configuration.inputPartitions)
    let place = TopicPartition(topic.rawValue, partition)
    let offset = next[place, default: 0]
    next[place] = offset + 1
    let record = Record(timestamp: time, key: key[...], value: value[...])
    try engine.take([StoredRecord(offset: offset, record: record)], of: topic, partition: partition, next: offset + 1)
  }

  /// Takes the newest champion into service.
  private func renewScorer() throws {
    guard let record = journal.takeChampion() else { return }
    try engine.flush()
    let checksum = record.artifact ?? ""
    switch try PublishedArtifact.fetch(checksum: checksum, from: log, names: policy.configuration.names) {
    case .verified(let artifact): scorer = LocalScorer(name: model.name, version: record.version, model: artifact)
    case .external:
      throw BacktestError(
        "policy \(policy.name): version \(record.version) was made by a program, and only that can score its rows: "
          + "take the scores as they were recorded (--as-recorded)")
    case .refused(let reason):
      throw BacktestError("policy \(policy.name): version \(record.version) cannot be read: \(reason)")
    }
  }

  /// Closes what is open when nothing comes any more: panes, and the runs that they lead to.
  private func settle() throws {
    let end = PaneClock.closing(engine.now, policy.configuration.intake)
    try engine.promise(passed: end)
    try engine.advance(to: end)
    try engine.finish()
  }
}

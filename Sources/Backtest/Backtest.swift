public import Engine
public import Events
public import Log
import Models

/// What went wrong with a backtest: what, and what to do.
public struct BacktestError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Told everything that a policy's engine writes but artifacts, with the row that was served last.
public typealias OutputObserver = (_ topic: Topic, _ record: Record, _ row: Int) throws -> Void
/// Told every row that counts, in the order of the labels.
public typealias RowObserver = (_ policy: String, _ row: Int, _ label: LabelValue, _ score: Score) throws -> Void

public struct BacktestSettings: Sendable {
  /// The model that is tried.
  public var model: String
  /// The oldest rows, which train version 1 and are not scored.
  public var historyRows: Int
  /// The first row that counts; nil for the first one that is served.
  public var scoredFrom: Int?
  /// How long a run takes, in milliseconds of virtual time.
  public var trainingTime: @Sendable (RunStarted) -> Milliseconds
  /// Topics that are kept in the policy's log beside those that runs read.
  public var kept: Set<Topic>
  /// What is asked of recorded topics.
  public var depth = Depth.whole

  public enum Depth: Sendable {
    /// Triggers, versions, and how well the scores met their labels.
    case whole
    /// Triggers alone: nothing is trained and nothing scored.
    case monitor
    /// The same from `summaries` alone, without the events that they were made of.
    case summaries
  }

  public init(
    model: String, historyRows: Int, kept: Set<Topic> = [],
    trainingTime: @escaping @Sendable (RunStarted) -> Milliseconds = { _ in 0 }
  ) {
    self.model = model
    self.historyRows = historyRows
    self.kept = kept
    self.trainingTime = trainingTime
  }
}

/// What came of a policy.
public struct PolicyOutcome: Sendable {
  public let name: String
  /// All rows of the recording, those of the history among them.
  public let rows: Int
  public let journal: PolicyJournal
  public let track: ScoreTrack
  /// What kept events from being judged; nil where nothing did.
  public var heldUp: HeldUp?

  /// A topic of a partition that tells nothing further, neither by records nor by watermarks, while others go on: behind
  /// that nothing was judged.
  public struct HeldUp: Hashable, Sendable, CustomStringConvertible {
    public let topic: String
    public let partition: Int
    /// The time that it has reached; nil where it tells nothing at all.
    public let since: Milliseconds?

    public var description: String {
      let what = since.map { "no event behind \(RFC3339.format($0))" } ?? "no event"
      return "\(what) was judged: all wait for \(topic)/\(partition), of which neither records nor watermarks tell "
        + (since == nil ? "anything" : "anything further")
    }
  }
}

/// Replays a recording under policies: what would have happened.
///
/// Either every policy's own versions score the rows, or the scores are taken as they were recorded.
///
/// ```swift
/// let backtest = Backtest(recording: EventList(events), settings: BacktestSettings(model: "churn", historyRows: 1_000))
/// let outcome = try backtest.outcome(of: policy, log: EmbeddedLog(path: path)) { log in MyTrainer(log) }
/// #expect(outcome.journal.published < 10)
/// ```
public struct Backtest: Sendable {
  private enum Source: Sendable {
    case served(any EventRecording, history: [Example], end: Milliseconds)
    /// Without versions where no event is judged, or where all versions are the engine's own.
    case recorded(any TopicRecording, RecordedVersions?)
  }

  public let settings: BacktestSettings
  private let source: Source

  /// Every policy's own versions score the rows. Reads the history, which costs a pass over its rows.
  public init(recording: any EventRecording, settings: BacktestSettings) throws {
    self.settings = settings
    let (history, end) = try recording.history(of: settings.model, rows: settings.historyRows)
    guard !history.isEmpty else {
      throw BacktestError(
        "none of the first \(settings.historyRows) rows of \(settings.model) has a label, and nothing can train version 1; "
          + "let more rows be its history, or begin where there are labels")
    }
    guard end < .max else {
      throw BacktestError(
        "no row of \(settings.model) is left behind the first \(settings.historyRows); let fewer be its history")
    }
    source = .served(recording, history: history, end: end)
  }

  /// The scores are taken as they were recorded. Reads `models`, where events are judged.
  public init(asRecorded recording: any TopicRecording, settings: BacktestSettings) throws {
    self.settings = settings
    let topic = settings.depth == .summaries ? Topic.summaries : .predictions
    guard recording.count(of: topic) > 0 else { throw BacktestError("the recording holds no \(topic.rawValue)") }
    let judges = settings.depth != .summaries && recording.count(of: .models) > 0
    source = .recorded(recording, judges ? try RecordedVersions(recording) : nil)
  }

  /// One policy over all rows. Different policies may run at the same time, each with a log of its own; the outcome is the
  /// same.
  ///
  /// - Parameters:
  ///   - log: an empty one, for what the policy makes: its topics can be looked at afterwards.
  ///   - makeTrainer: what carries out runs on that log.
  public func outcome(
    of policy: Policy, log: any Log, observe: OutputObserver? = nil, rows: RowObserver? = nil,
    makeTrainer: (any Log) throws -> any Trainer
  ) throws -> PolicyOutcome {
    let trainer = try makeTrainer(log)
    switch source {
    case .served(let recording, let history, let end):
      return try ServedRun(policy, log: log, trainer: trainer, settings: settings, observe: observe, rows: rows)
        .outcome(of: recording, history: history, end: end)
    case .recorded(let recording, let versions):
      return try AsRecordedRun(
        policy, of: recording, versions, log: log, trainer: trainer, settings: settings, observe: observe, rows: rows
      ).outcome()
    }
  }
}

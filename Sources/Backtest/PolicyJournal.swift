import Engine
public import Events
import Log

/// What a policy did along the rows.
public struct PolicyJournal: Sendable {
  public struct Triggered: Hashable, Sendable {
    /// The row that was served last.
    public let row: Int
    public let time: Milliseconds
    public let rule: String
    public let column: String?
    public let statistic: String?
    public let value: Double?
    public let threshold: Double?
  }

  public struct Versioned: Hashable, Sendable {
    public let row: Int
    public let time: Milliseconds
    public let model: String
    public let version: Int
    public let status: ModelStatus
    public let reason: String
  }

  /// Without the request for the first version.
  public private(set) var triggers: [Triggered] = []
  /// Every change of a version's status but of those that retire.
  public private(set) var versions: [Versioned] = []
  /// Runs that ended, and those of them that came to nothing, with the first reason.
  public private(set) var runs = 0
  public private(set) var failures = 0
  public private(set) var firstFailure: String?
  public private(set) var rowsTrained = 0
  /// Virtual seconds that runs took.
  public private(set) var trainSeconds = 0.0
  public private(set) var deadLetters = 0
  public private(set) var firstDeadLetter: String?
  /// The newest champion's record, until it is taken.
  var nextChampion: ModelRecord?

  public init() {}

  /// Times that a version was put into service, the first one's among them.
  public var published: Int { versions.count { $0.status == .champion } }
  public var rejected: Int { versions.count { $0.status == .rejected } }
  /// Challengers that the gate could not tell from the champion.
  public var inconclusive: Int { versions.count { $0.status == .inconclusive } }
  /// Challengers that were still on trial when a newer one came or the recording ended.
  public var undecided: Int {
    let last = Dictionary(versions.map { ("\($0.model)/\($0.version)", $0.status) }, uniquingKeysWith: { $1 })
    return last.values.count { $0 == .shadow || $0 == .canary }
  }

  /// - Parameter row: the row that was served last.
  mutating func take(_ topic: Topic, _ record: Record, row: Int) throws {
    guard let value = record.value else { return }
    switch topic {
    case .triggers: enter(try Trigger.decode(value), row)
    case .runs:
      if case .finished(let report) = try RunRecord.decode(value) { enter(report) }
    case .models: enter(try ModelRecord.decode(value), row)
    case .deadletters: try refuse(DeadLetter.decode(value).reason)
    default: break
    }
  }

  mutating func refuse(_ reason: @autoclosure () throws -> String) rethrows {
    deadLetters += 1
    if firstDeadLetter == nil { firstDeadLetter = try reason() }
  }

  private mutating func enter(_ trigger: Trigger, _ row: Int) {
    guard trigger.cause != TriggerRequest.first else { return }
    triggers.append(
      Triggered(
        row: row, time: trigger.time, rule: trigger.isManual ? "oracle" : trigger.rule, column: trigger.column,
        statistic: trigger.statistic,
        value: trigger.value, threshold: trigger.threshold))
  }

  private mutating func enter(_ report: RunFinished) {
    runs += 1
    trainSeconds += report.seconds
    rowsTrained += report.result?.trainedRows ?? 0
    if let failure = report.failure {
      failures += 1
      firstFailure = firstFailure ?? failure
    }
  }

  private mutating func enter(_ record: ModelRecord, _ row: Int) {
    if record.status == .champion { nextChampion = record }
    guard record.status != .retired else { return }
    versions.append(
      Versioned(
        row: row, time: record.time, model: record.model, version: record.version, status: record.status,
        reason: record.reason))
  }
}

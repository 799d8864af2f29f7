public import Bytes
public import Events
public import Models

/// Whether a new version that serves stays: a *fresh* test on rows since it took over, which both versions score.
///
/// It begins at nothing, whatever the gate had gathered before: with the gate's evidence carried over, 6 % of the worse
/// versions were caught, with a fresh test 38 %. Of versions as good as the one before, `rollbackAlpha` (1 %) at most are
/// ever rolled back while rows are independent; measured, 2 % in 100,000 requests of real pairs.
///
/// Let both models score every row where that can be afforded: a canary on 5 % of the requests needs ten to twenty times
/// as many of them to come to a verdict, and shows only the effects of serving besides.
public struct CanaryTrial: Hashable, Sendable {
  public let configuration: GateConfiguration
  /// τ0 of the version before; nil where it is not known.
  public let knownDependence: Double?
  private var losses: PairedLosses
  private var previous = RunningMean()
  private var current = RunningMean()
  private var rollback: PairedTest
  private var confirmation: PairedTest
  /// Rows to which the new version gave something that is no output of the task.
  public private(set) var unscored = 0

  public init(_ configuration: GateConfiguration, task: Task, cap: Double = 1, knownDependence: Double? = nil) {
    let trial = ChallengerTrial(configuration, task: task, cap: cap, knownDependence: knownDependence)
    self.configuration = configuration
    self.knownDependence = trial.knownDependence
    losses = trial.losses
    rollback = trial.rejection
    confirmation = trial.rejection
  }

  public var rows: Int { previous.count }

  /// Takes a row in, in request order.
  public mutating func add(previous output: Output, current other: Output, target: Target) {
    switch losses.row(champion: output, challenger: other, target: target) {
    case .judged(let pair): add(pair)
    case .unscored(byChallenger: true): unscored += 1
    case .unscored(byChallenger: false), .passedOver: break
    }
  }

  mutating func add(_ pair: LossPair) {
    previous.add(pair.champion)
    current.add(pair.challenger)
    rollback.add(pair, .worse(by: 0))
    confirmation.add(pair, .notWorse(by: configuration.tolerance))
  }

  public var verdict: CanaryVerdict {
    if unscored > 0 { return .rollBack }
    guard rows >= configuration.leastRows(knowing: knownDependence) else { return .goOn }
    if rollback.proves(alpha: configuration.rollbackAlpha) { return .rollBack }
    let gain = previous.mean - current.mean
    if confirmation.proves(alpha: configuration.alpha), gain >= configuration.gain * previous.mean { return .confirm }
    return rows >= configuration.shadowRows ? .person : .goOn
  }

  /// - Parameter fallback: the version before.
  public func record(fallback: Int) -> CanaryRecord {
    CanaryRecord(
      fallback: fallback, rows: rows, previous: previous.mean, current: current.mean,
      rollback: rollback.record(tolerance: 0, alpha: configuration.rollbackAlpha),
      confirmation: confirmation.record(tolerance: configuration.tolerance, alpha: configuration.alpha),
      verdict: verdict)
  }
}

extension CanaryTrial {
  private static let format: UInt8 = 1

  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(losses.measure.rawValue)
    writer.append(losses.cap)
    writer.append(knownDependence) { $0.append($1) }
    writer.append(count: unscored)
    losses.encodeMemory(into: &writer)
    previous.encode(into: &writer)
    current.encode(into: &writer)
    rollback.encode(into: &writer)
    confirmation.encode(into: &writer)
  }

  /// - Throws: `ByteError` for another format, another measure, or figures that no rows give.
  public init(_ configuration: GateConfiguration, task: Task, from reader: inout ByteReader) throws(ByteError) {
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a canary of format \(format), where \(Self.format) is known")
    }
    let name = try reader.string()
    let cap = try reader.double()
    let known = try reader.optional { reader throws(ByteError) in try reader.double() }
    guard cap.isFinite, cap > 0, known.map({ (1...LossHistory.largest).contains($0) }) ?? true else {
      throw reader.failure("a canary that no rows give")
    }
    self.init(configuration, task: task, cap: cap, knownDependence: known)
    guard name == losses.measure.rawValue else {
      throw reader.failure("a canary by \(name.prefix(40)), where \(losses.measure.rawValue) is asked for")
    }
    unscored = try reader.index(upTo: GateLimits.rows)
    try losses.restoreMemory(from: &reader)
    previous = try RunningMean(from: &reader)
    current = try RunningMean(from: &reader)
    rollback = try PairedTest(from: &reader)
    confirmation = try PairedTest(from: &reader)
    guard [current.count, rollback.rows, confirmation.rows].allSatisfy({ $0 == rows }), previous.mean >= 0,
      current.mean >= 0, rollback.priorDependence == known ?? 1, confirmation.priorDependence == known ?? 1
    else { throw reader.failure("a canary that no rows give") }
  }
}

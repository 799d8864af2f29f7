import Control
import Drift
import Engine
import Events
import Log
import Models

/// What a seed decides before anything happens: the size of the cluster, how the workers batch, what may go wrong.
public struct SimulationPlan: Sendable {
  static let second: Milliseconds = 1_000
  /// When the first event happens, and the log's clock starts.
  static let start: Milliseconds = 1_000_000_000

  public let seed: UInt64
  /// Rows that are predicted.
  public let rows: Int
  let models: [String]
  let inputPartitions: Int
  let modelPartitions: Int
  /// By stage.
  let workers: [Int]
  let featuresTopic: Bool
  let pollRecords: Int
  let commitRecords: Int
  let snapshotCommits: Int
  let log: SimulatedLogSettings
  /// One in so many steps is struck by a fault; 0 for none.
  let faultEvery: Int
  /// One in so many moments something happens to the cluster.
  let eventEvery: Int
  let spoilsSnapshots: Bool
  let retains: Bool
  let sketches: Bool
  /// Whether people ask for versions to be promoted, rejected and rolled back, and for runs to be cancelled.
  let asks: Bool

  public init(seed: UInt64, rows: Int, log settings: SimulatedLogSettings = SimulatedLogSettings()) {
    var random = SeededRandom(seed: seed)
    self.seed = seed
    self.rows = rows
    models = random.once(in: 3) ? ["a", "b"] : ["a"]
    inputPartitions = random.pick([1, 2, 2, 3])
    modelPartitions = random.pick([1, 1, 2])
    workers = [0, 1, 2].map { _ in random.pick([1, 2, 2, 3]) }
    featuresTopic = random.once(in: 3)
    pollRecords = random.pick([1, 3, 10, 30])
    commitRecords = random.pick([1, 4, 12, 40])
    snapshotCommits = random.pick([1, 2, 5, 20])
    var log = settings
    log.marksCommits = !random.once(in: 6)
    log.marksAppends = random.once(in: 3)
    log.sessionTimeout = random.pick([1_500, 3_000])
    log.transactionTimeout = random.pick([3_000, 6_000, 25_000])
    self.log = log
    faultEvery = random.pick([0, 12, 30, 80])
    eventEvery = random.pick([25, 60, 150])
    spoilsSnapshots = random.once(in: 3)
    retains = !spoilsSnapshots && random.once(in: 2)
    sketches = random.once(in: 8)
    asks = random.once(in: 2)
  }

  var configuration: EngineConfiguration {
    let second = Self.second
    var monitor = MonitorConfiguration(
      window: 20 * second, drift: DriftConfiguration(minimumRows: 8, minimumReferenceRows: 8),
      detector: DetectorConfiguration(averageRunLength: 100),
      performance: PerformanceConfiguration(windowLength: 20 * second, minimumRows: 8, minimumReferenceRows: 4))
    monitor.triggers = TriggerConfiguration(volume: 16, cooldown: 15 * second, driftSpacing: 10 * second)
    let training = TrainingConfiguration(holdout: 0.85, minimumRows: 8, referenceRows: 16)
    // Lenient and quick, so that versions of every status come up in a few dozen rows.
    let gate = GateConfiguration(
      tolerance: 0.5, gain: 0, alpha: 0.5, minimumRows: 8, minimumRowsKnown: 4, shadowRows: 30, rollbackAlpha: 0.5)
    let intake = IntakeConfiguration(
      pane: 5 * second, sketch: sketches ? 20 * second : nil, lateness: 2 * second, labelHorizon: 12 * second,
      futureSlack: 0, featuresTopic: featuresTopic, featureTimeToLive: 20 * second)
    return EngineConfiguration(
      inputPartitions: inputPartitions, modelPartitions: modelPartitions, intake: intake,
      models: models.map {
        ModelConfiguration(name: $0, task: .binary, monitor: monitor, training: training, gate: gate)
      },
      fingerprint: "simulation", code: "simulation")
  }

  func settings(member: String) -> WorkerSettings {
    WorkerSettings(
      member: member, pollRecords: pollRecords, commitRecords: commitRecords, snapshotCommits: snapshotCommits,
      snapshotBytesPerRecord: .max)
  }
}

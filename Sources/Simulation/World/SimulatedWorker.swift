import Engine
import Events
import Log

enum StageKind: Int, CaseIterable {
  case join, monitor, train

  var name: String { "\(self)" }
}

/// A worker of any stage.
protocol RunningWorker: AnyObject {
  func step(flush: Bool) throws -> (records: Int, committed: Bool)
  func close() throws
}

extension Worker: RunningWorker {
  func step(flush: Bool) throws -> (records: Int, committed: Bool) {
    let step: Step = try step(flush: flush)
    return (step.records, step.committed)
  }
}

/// Makes workers over a log, as the command does.
struct WorkerMaker {
  let log: any Log
  let plan: SimulationPlan
  let configuration: EngineConfiguration
  /// Whether imported rows are looked for; not looking is a mutation.
  var looksForImports = true

  func make(_ stage: StageKind, member: String) throws -> any RunningWorker {
    let (configuration, settings) = (configuration, plan.settings(member: member))
    switch stage {
    case .join:
      let looks = looksForImports
      return try Worker<JoinStage>(log: log, configuration: configuration, settings: settings) { partition, reader in
        let examples = ExampleReader(reader: reader, names: configuration.names)
        return JoinStage(
          partition: partition, configuration: configuration,
          versions: LogVersionDirectory(reader: reader, configuration: configuration),
          firstFreeNumber: looks ? try examples.firstFreeNumber(in: partition) : 0)
      }
    case .monitor:
      return try Worker<MonitorStage>(log: log, configuration: configuration, settings: settings) { partition, _ in
        MonitorStage(partition: partition, configuration: configuration)
      }
    case .train:
      return try Worker<TrainStage>(log: log, configuration: configuration, settings: settings) { partition, _ in
        TrainStage(partition: partition, configuration: configuration)
      }
    }
  }
}

/// The shell's eye for silence, by clocks that may jump.
struct SilenceWatch {
  static let idle: Milliseconds = 2_000
  private var ends: [TopicPartition: (offset: Int64, since: Milliseconds)] = [:]
  private var newest: (time: Milliseconds, since: Milliseconds)?

  /// - Returns: whether the worker wrote watermarks.
  mutating func look(at worker: Worker<JoinStage>, clock: Milliseconds, wall: Milliseconds) throws -> Bool {
    guard let time = worker.newestTime else { return false }
    if newest.map({ time > $0.time }) ?? true { newest = (time, clock) }
    var stands: [TopicPartition: (offset: Int64, since: Milliseconds)] = [:]
    for (place, offset) in try worker.readToEnd() {
      let known = ends[place].flatMap { $0.offset == offset ? $0.since : nil }
      stands[place] = (offset, known ?? clock)
    }
    ends = stands
    let silent = Set(ends.filter { clock - $0.value.since >= Self.idle }.keys)
    guard !silent.isEmpty, let newest else { return false }
    let passed = min(newest.time + max(clock - newest.since, 0), wall) - Self.idle
    return try worker.promise(passed: passed, by: silent)
  }
}

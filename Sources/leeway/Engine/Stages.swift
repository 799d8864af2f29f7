import Engine
import Events
import Log

/// The three workers that run the four stages (Summarize is chained behind Join).
enum Stages {
  static func join(
    _ log: any Log, _ configuration: EngineConfiguration, _ settings: WorkerSettings
  ) throws -> Worker<JoinStage> {
    try Worker(log: log, configuration: configuration, settings: settings) { partition, reader in
      let directory = LogVersionDirectory(reader: reader, configuration: configuration)
      let examples = ExampleReader(reader: reader, names: configuration.names)
      return JoinStage(
        partition: partition, configuration: configuration, versions: directory,
        firstFreeNumber: try examples.firstFreeNumber(in: partition))
    }
  }

  static func monitor(
    _ log: any Log, _ configuration: EngineConfiguration, _ settings: WorkerSettings
  ) throws -> Worker<MonitorStage> {
    try Worker(log: log, configuration: configuration, settings: settings) { partition, _ in
      MonitorStage(partition: partition, configuration: configuration)
    }
  }

  static func train(
    _ log: any Log, _ configuration: EngineConfiguration, _ settings: WorkerSettings
  ) throws -> Worker<TrainStage> {
    try Worker(log: log, configuration: configuration, settings: settings) { partition, _ in
      TrainStage(partition: partition, configuration: configuration)
    }
  }
}

/// All stages in one thread, stepped until nothing is left to do: the demo's engine, and the tests'.
final class LockstepEngine {
  let join: Worker<JoinStage>
  let monitor: Worker<MonitorStage>
  let train: Worker<TrainStage>
  private let executor: RunExecutor

  init(
    log: any Log, configuration: EngineConfiguration, settings: WorkerSettings = WorkerSettings(),
    trainer: any Trainer, clock: @escaping () -> Double
  ) throws {
    join = try Stages.join(log, configuration, settings)
    monitor = try Stages.monitor(log, configuration, settings)
    train = try Stages.train(log, configuration, settings)
    executor = RunExecutor(
      trainer: trainer, producer: try log.makeProducer(id: nil), configuration: configuration, clock: clock)
  }

  /// Works until every stage is idle and every run reported.
  func drain() throws {
    while true {
      try Self.exhaust(join)
      try Self.exhaust(monitor)
      try Self.exhaust(train)
      let runs = train.stages.sorted { $0.key < $1.key }.flatMap { $0.value.openRuns }
      if runs.isEmpty { return }
      for run in runs { try executor.execute(run) }
    }
  }

  private static func exhaust<S: Stage>(_ worker: Worker<S>) throws {
    while true {
      while try !worker.step(flush: true).isIdle {}
      if try worker.hasReadAll() { return }
      try worker.wait(milliseconds: 50)
    }
  }

  /// Tells the engine that everything up to `time` has been produced, and works that off.
  func drain(upTo time: Milliseconds) throws {
    try drain()
    for _ in 0..<EngineState.mostPromises {
      guard try join.promise(passed: time) else { return }
      try drain()
    }
  }

  func close() throws {
    try join.close()
    try monitor.close()
    try train.close()
    executor.producer.close()
  }
}

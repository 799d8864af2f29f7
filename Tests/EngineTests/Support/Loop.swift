import Bytes
import Drift
import EventLog
import Events
import Log
import Models

@testable import Engine

/// Stands for the shell: carries out runs on the log's rows and artifacts, with a clock that stands still.
struct TestTrainer {
  let log: TestLog

  func train(_ run: RunStarted) throws -> TrainedArtifact {
    guard let model = log.configuration.model(named: run.model) else { throw TrainingFailure("no model") }
    let reader = try log.log.makeReader()
    defer { reader.close() }
    let rows = try ExampleReader(reader: reader, names: log.configuration.names).rows(of: run)
    func decoded(_ named: NamedVersion) throws -> Model { try Model(decoding: artifact(named.artifact)[...]) }
    let versions = try BuiltinTraining.Versions(of: run, model: decoded, fallback: decoded, contest: artifact)
    return try BuiltinTraining(model).train(run, rows: rows, versions: versions)
  }

  func artifact(_ checksum: String) throws -> [UInt8] {
    var chunks: [Int: Chunk] = [:]
    for record in try log.records(.artifacts) {
      guard let key = record.key, let value = record.value else { continue }
      let chunk = try Chunk.decode(value) { name in record.headers.first { $0.name == name }?.value }
      if String(decoding: key, as: UTF8.self) == Chunk.artifactKey(checksum: checksum, index: chunk.index) {
        chunks[chunk.index] = chunk
      }
    }
    return try Chunk.join(chunks.sorted { $0.key < $1.key }.map(\.value))
  }

  func execute(_ run: RunStarted) throws {
    let outcome: Result<TrainedArtifact, TrainingFailure>
    do {
      outcome = .success(try train(run))
    } catch let failure as TrainingFailure {
      outcome = .failure(failure)
    }
    for batch in RunReport(run, seconds: 0, outcome: outcome).batches(log.configuration) {
      try log.append(
        log.configuration.names.topic(named: batch.partition.topic) ?? .runs, batch.partition.partition, batch.records)
    }
  }
}

/// The engine's workers in one thread, and a budget of steps after which they are dropped as by a crash.
final class Loop {
  struct Crash: Error {}

  enum Action {
    case append(Topic, Int, [Record])
    case promise(Milliseconds)
  }

  let log: TestLog
  let settings: WorkerSettings
  private(set) var steps = 0
  /// Steps of workers and runs that are still allowed.
  private var budget = Int.max
  private var join: Worker<JoinStage>?
  private var monitor: Worker<MonitorStage>?
  private var train: Worker<TrainStage>?

  init(_ log: TestLog, _ settings: WorkerSettings) {
    self.log = log
    self.settings = settings
  }

  /// Works off `actions`. After each number of steps in `crashes` all workers are dropped and made anew.
  func run(_ actions: [Action], crashes: [Int] = [], whileDown: () throws -> Void = {}) throws {
    var crashes = crashes[...]
    budget = crashes.popFirst() ?? .max
    for action in actions {
      if case .append(let topic, let partition, let records) = action {
        try log.append(topic, partition, records)
        continue
      }
      while true {
        do {
          try work(action)
          break
        } catch is Crash {
          drop()
          try whileDown()
          budget = crashes.popFirst() ?? .max
        }
      }
    }
    drop()
  }

  private func drop() { (join, monitor, train) = (nil, nil, nil) }

  private func work(_ action: Action) throws {
    try drain()
    guard case .promise(let time) = action else { return }
    try spend()
    if try joinWorker().promise(passed: time) { try drain() }
  }

  /// Until every stage is idle and every run reported.
  private func drain() throws {
    while true {
      try exhaust(try joinWorker())
      try exhaust(try monitorWorker())
      let train = try trainWorker()
      try exhaust(train)
      let runs = train.stages.sorted { $0.key < $1.key }.flatMap { $0.value.openRuns }
      if runs.isEmpty { return }
      for run in runs {
        try spend()
        try TestTrainer(log: log).execute(run)
      }
    }
  }

  /// Reads a poll at a time and commits what has gathered only when there is nothing more to read.
  private func exhaust<S: Stage>(_ worker: Worker<S>) throws {
    while true {
      try spend()
      if try !worker.step().isIdle { continue }
      try spend()
      if try worker.step(flush: true).isIdle { return }
    }
  }

  private func spend() throws {
    guard budget > 0 else { throw Crash() }
    budget -= 1
    steps += 1
  }

  private func joinWorker() throws -> Worker<JoinStage> {
    let worker = try join ?? log.joinWorker(settings)
    join = worker
    return worker
  }

  private func monitorWorker() throws -> Worker<MonitorStage> {
    let worker = try monitor ?? log.monitorWorker(settings)
    monitor = worker
    return worker
  }

  private func trainWorker() throws -> Worker<TrainStage> {
    let worker = try train ?? log.trainWorker(settings)
    train = worker
    return worker
  }
}

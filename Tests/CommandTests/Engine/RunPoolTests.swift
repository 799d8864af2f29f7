import Engine
import EventLog
import Events
import Foundation
import Log
import Logging
import Synchronization
import Testing

@testable import leeway

/// Runs carried out by a trainer that waits until it is let go or told to stop.
struct RunPoolTests {
  final class PatientTrainer: Trainer {
    struct Board {
      /// Every beginning, in order.
      var begun: [String] = []
      var atWork: Set<String> = []
      var most = 0
      var allowed: Set<String> = []
    }

    let board = Mutex(Board())
    private let isStopping = Mutex<@Sendable (RunStarted) -> Bool>({ _ in false })

    func told(by isStopping: @escaping @Sendable (RunStarted) -> Bool) -> PatientTrainer {
      self.isStopping.withLock { $0 = isStopping }
      return self
    }

    func train(_ run: RunStarted) throws -> TrainedArtifact {
      let isStopping = isStopping.withLock { $0 }
      board.withLock { board in
        board.begun.append(run.run)
        board.atWork.insert(run.run)
        board.most = max(board.most, board.atWork.count)
      }
      defer { board.withLock { _ = $0.atWork.remove(run.run) } }
      while !board.withLock({ $0.allowed.contains(run.run) }) {
        if isStopping(run) { throw RunInterrupted() }
        Thread.sleep(forTimeInterval: 0.001)
      }
      throw TrainingFailure("done")
    }
  }

  private static let configuration = EngineConfiguration(models: [])

  private static func run(_ name: String, _ model: String, time: Milliseconds = 0) -> RunStarted {
    RunStarted(
      run: name, model: model, time: time, version: 1, family: "f", seed: 1, rows: RowSet(before: 0, partitions: []),
      holdout: 0.2)
  }

  private let folder: Scratch
  private let log: EmbeddedLog
  private let state = EngineState(threads: [RunPool.name], countsIdle: true)
  private let trainer = PatientTrainer()

  init() throws {
    folder = try Scratch()
    log = try EmbeddedLog(path: folder.file("leeway.db"))
    _ = try Topic.createAll(in: log, configuration: Self.configuration)
  }

  /// - Returns: the pool, and a wait for its end.
  private func start(places: Int, priorities: [String: Int] = [:]) -> (pool: RunPool, end: () -> Void) {
    let pool = RunPool(
      log: log, configuration: Self.configuration,
      settings: RunPool.Settings(places: places, priorities: priorities), state: state,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread { [trainer] in
      pool.run { trainer.told(by: $0) }
      ended.signal()
    }
    return (pool, { #expect(ended.wait(timeout: .now() + 20) == .success, "the pool does not end") })
  }

  private func reports() throws -> [String] {
    let reader = try log.makeReader()
    defer { reader.close() }
    return try reader.read(TopicPartition("runs", 0), from: 0, limit: ReadLimit()).records.compactMap { stored in
      if case .finished(let report) = try RunRecord.decode(stored.record.value ?? []) { report.run } else { nil }
    }
  }

  private func waitForReports(_ runs: [String]) throws {
    try wait(for: "reports of \(runs)", within: 20) { try reports() == runs }
  }

  private func waitForWork(_ runs: Set<String>) throws {
    try wait(for: "work on \(runs)", within: 20) { trainer.board.withLock { $0.atWork == runs } }
  }

  private func allow(_ run: String) {
    trainer.board.withLock { _ = $0.allowed.insert(run) }
  }

  @Test func asManyAtATimeAsThereArePlaces() throws {
    let (pool, end) = start(places: 2)
    let runs = (1...4).map { Self.run("r\($0)", "m\($0)", time: Milliseconds($0)) }
    #expect(pool.offer(runs) && !pool.offer(runs))
    try waitForWork(["r1", "r2"])
    #expect(!state.isQuiet)
    allow("r2")
    try waitForWork(["r1", "r3"])
    for run in ["r1", "r3", "r4"] { allow(run) }
    try wait(for: "four reports", within: 20) { try reports().count == 4 }
    #expect(!pool.offer(runs), "whose reports are in the log")
    try wait(for: "quiet", within: 20) { state.isQuiet }
    state.stop()
    end()
    trainer.board.withLock { board in
      #expect(board.most == 2 && board.begun.count == 4)
    }
    #expect(try Set(reports()) == ["r1", "r2", "r3", "r4"])
  }

  @Test func aHigherPriorityGoesFirstAndTheOtherAgainAfterIt() throws {
    let (pool, end) = start(places: 1, priorities: ["urgent": 1])
    let low = Self.run("low", "m")
    let high = Self.run("high", "urgent", time: 5)
    _ = pool.offer([low])
    try waitForWork(["low"])
    _ = pool.offer([low, high])
    try waitForWork(["high"])
    allow("high")
    try waitForReports(["high"])
    try waitForWork(["low"])
    allow("low")
    try waitForReports(["high", "low"])
    state.stop()
    end()
    #expect(trainer.board.withLock(\.begun) == ["low", "high", "low"])
  }

  @Test func whatIsOpenNoLongerIsStoppedAndTellsNothing() throws {
    let (pool, end) = start(places: 1)
    _ = pool.offer([Self.run("a", "m"), Self.run("b", "n", time: 1)])
    try waitForWork(["a"])
    _ = pool.offer([Self.run("b", "n", time: 1)])
    try waitForWork(["b"])
    state.stop()
    end()
    #expect(try reports().isEmpty)
    #expect(trainer.board.withLock(\.begun) == ["a", "b"])
  }
}

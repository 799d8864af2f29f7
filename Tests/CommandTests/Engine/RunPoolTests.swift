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
      /// Of which the kept work may go.
      var forgotten: [String] = []
    }

    let board = Mutex(Board())
    private let isStopping = Mutex<@Sendable (RunStarted) -> Bool>({ _ in false })

    func told(by isStopping: @escaping @Sendable (RunStarted) -> Bool) -> PatientTrainer {
      self.isStopping.withLock { $0 = isStopping }
      return self
    }

    func forget(_ run: RunStarted) {
      board.withLock { $0.forgotten.append(run.run) }
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

  private static let configuration = EngineConfiguration(modelPartitions: 2, models: [])

  private static func run(_ name: String, _ model: String, time: Milliseconds = 0) -> RunStarted {
    RunStarted(
      run: name, model: model, time: time, version: 1, family: "f", seed: 1, rows: RowSet(before: 0, partitions: []),
      holdout: 0.2)
  }

  private let folder: Scratch
  private let log: TroubledLog
  private let state = EngineState(threads: [RunPool.name], countsIdle: true)
  private let trainer = PatientTrainer()

  init() throws {
    folder = try Scratch()
    log = TroubledLog(try EmbeddedLog(path: folder.file("leeway.db")))
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
    return try (0..<2).flatMap { partition in
      try reader.read(TopicPartition("runs", partition), from: 0, limit: ReadLimit()).records.compactMap { stored in
        if case .finished(let report) = try RunRecord.decode(stored.record.value ?? []) { report.run } else { nil }
      }
    }
  }

  private func waitForReports(_ runs: Set<String>) throws {
    try wait(for: "reports of \(runs)", within: 20) { try Set(reports()) == runs }
  }

  /// The name of the producer of a model's runs.
  private static func producer(of model: String) -> String {
    "runs-\(RunReport.place(of: model, configuration).partition)"
  }

  /// A model whose runs have another partition.
  private static let other =
    (0..<100).map { "other-\($0)" }.first { producer(of: $0) != producer(of: "m") } ?? ""

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

  @Test func aPartitionWithoutAProducerHoldsNobodyElseUp() throws {
    let stuck = Self.run("stuck", "m")
    let free = (1...2).map { Self.run("free-\($0)", Self.other, time: Milliseconds($0)) }
    log.trouble.withLock { $0.unmade = [Self.producer(of: "m")] }
    let (pool, end) = start(places: 1)
    _ = pool.offer([stuck] + free)
    for run in free { allow(run.run) }
    try waitForReports(["free-1", "free-2"])
    #expect(trainer.board.withLock { !$0.begun.contains("stuck") } && !state.isQuiet)
    log.trouble.withLock { $0.unmade = [] }
    allow("stuck")
    try wait(for: "the run that was held", within: 20) { try reports().contains("stuck") }
    state.stop()
    end()
  }

  @Test func whatIsReportedIsForgottenAndWhatIsStoppedIsNot() throws {
    let (pool, end) = start(places: 2)
    _ = pool.offer([Self.run("a", "m"), Self.run("b", Self.other)])
    try waitForWork(["a", "b"])
    allow("a")
    try wait(for: "the report", within: 20) { trainer.board.withLock { $0.forgotten == ["a"] } }
    state.stop()
    end()
    #expect(try reports() == ["a"] && trainer.board.withLock { $0.forgotten == ["a"] })
  }

  @Test func whatAnEngineThatStopsCannotReportIsNotForgotten() throws {
    let (pool, end) = start(places: 1)
    _ = pool.offer([Self.run("a", "m")])
    try waitForWork(["a"])
    log.trouble.withLock { $0.lostAppends = .max }
    allow("a")
    try wait(for: "the failure", within: 20) { log.trouble.withLock { $0.failed > 0 } }
    state.stop()
    end()
    #expect(try reports().isEmpty && trainer.board.withLock { $0.forgotten.isEmpty })
  }

  /// After an error nobody knows whether the partition is still this process's: a producer that is made anew would put
  /// an end to the one of whoever has it now.
  @Test(arguments: [true, false]) func anOutcomeIsTriedAgainByTheOwnerAlone(isOurs: Bool) throws {
    let (pool, end) = start(places: 1)
    let run = Self.run("a", "m")
    _ = pool.offer([run])
    try waitForWork(["a"])
    log.trouble.withLock { $0.lostAppends = 1 }
    allow("a")
    try wait(for: "the failure", within: 20) { log.trouble.withLock { $0.failed == 1 } }
    Thread.sleep(forTimeInterval: 1.2)
    #expect(try reports().isEmpty && log.trouble.withLock { $0.made.count == 1 }, "it has not been asked")
    _ = pool.offer(isOurs ? [run] : [])
    if isOurs { try waitForReports(["a"]) }
    try wait(for: "the end of the work", within: 20) { state.isQuiet }
    state.stop()
    end()
    #expect(try reports() == (isOurs ? ["a"] : []))
    #expect(log.trouble.withLock { $0.made.count } == (isOurs ? 2 : 1))
  }
}

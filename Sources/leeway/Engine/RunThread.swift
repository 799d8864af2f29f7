import Engine
import Events
import Foundation
import Log
import Logging
import Synchronization

/// Carries out runs one after the other on a thread of its own, so that the train stage goes on reading meanwhile.
final class RunThread: Sendable {
  private struct Queue {
    var waiting: [RunStarted] = []
    /// Runs that were handed over; a run is carried out once, however often it is seen to be open.
    var known: Set<String> = []
  }

  private let log: any Log
  private let configuration: EngineConfiguration
  private let state: EngineState
  private let logger: Logger
  private let queue = Mutex(Queue())
  private let signal = DispatchSemaphore(value: 0)

  static let name = "runs"

  init(log: any Log, configuration: EngineConfiguration, state: EngineState, logger: Logger) {
    self.log = log
    self.configuration = configuration
    self.state = state
    self.logger = logger
  }

  /// - Returns: whether one of them is new.
  func offer(_ runs: [RunStarted]) -> Bool {
    let new = queue.withLock { queue in
      let new = runs.filter { queue.known.insert($0.run).inserted }
      queue.waiting += new
      return new
    }
    for _ in new { signal.signal() }
    return !new.isEmpty
  }

  func run() {
    do {
      let executor = RunExecutor(
        trainer: LogTrainer(log: log, configuration: configuration), producer: try log.makeProducer(id: nil),
        configuration: configuration, clock: { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 })
      while !state.isStopping {
        let seen = state.activity
        guard let run = queue.withLock({ $0.waiting.first }) else {
          state.idled(Self.name, since: seen)
          _ = signal.wait(timeout: .now() + .milliseconds(50))
          continue
        }
        logger.info("run \(run.run): training version \(run.version) of \(run.model)")
        try carryOut(run, executor)
        queue.withLock { _ = $0.waiting.removeFirst() }
        state.worked()
      }
      executor.producer.close()
    } catch {
      state.fail(error)
    }
  }

  /// Waits out what may pass: a run's outcome is never thrown away for a full disk.
  private func carryOut(_ run: RunStarted, _ executor: RunExecutor) throws {
    while !state.isStopping {
      do {
        let report = try executor.execute(run)
        logger.info("run \(run.run): \(report.summary)")
        return
      } catch let error as LogError where error.retriable || error.code == .diskFull {
        logger.error("run \(run.run): \(error.message); trying again in 1 s")
        Thread.sleep(forTimeInterval: 1)
      }
    }
  }
}

extension RunFinished {
  fileprivate var summary: String {
    guard let result else { return "came to nothing: \(failure ?? "no reason")" }
    let champion = result.champion.map { " against the champion's \(Figures.short($0.loss))" } ?? ""
    return "\(result.trainedRows) rows learned, loss \(Figures.short(result.challenger.loss))\(champion) on "
      + "\(result.validatedRows) rows"
  }
}

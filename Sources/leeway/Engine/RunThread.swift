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
    /// Runs that wait, are at work, or are done: a run is carried out once, however often it is seen to be open.
    var known: Set<String> = []
  }

  private let log: any Log
  private let configuration: EngineConfiguration
  private let programs: [String: ExternalTrainer.Settings]
  private let state: EngineState
  private let logger: Logger
  private let queue = Mutex(Queue())
  private let signal = DispatchSemaphore(value: 0)

  static let name = "runs"

  /// - Parameter programs: by model, where a program trains it.
  init(
    log: any Log, configuration: EngineConfiguration, programs: [String: ExternalTrainer.Settings], state: EngineState,
    logger: Logger
  ) {
    self.log = log
    self.configuration = configuration
    self.programs = programs
    self.state = state
    self.logger = logger
  }

  /// - Parameter runs: all that are open in the partitions at work here. What waits of others is another's now.
  /// - Returns: whether one of them is new.
  func offer(_ runs: [RunStarted]) -> Bool {
    let open = Set(runs.map(\.run))
    let new = queue.withLock { queue in
      let gone = queue.waiting.filter { !open.contains($0.run) }
      queue.waiting.removeAll { !open.contains($0.run) }
      queue.known.subtract(gone.map(\.run))
      let new = runs.filter { queue.known.insert($0.run).inserted }
      queue.waiting += new
      return new
    }
    for _ in new { signal.signal() }
    return !new.isEmpty
  }

  func run() {
    /// By partition of the topic `runs`. Each has a name, so that a newcomer to the partition puts an end to our reports.
    var producers: [Int: any LogProducer] = [:]
    defer { for producer in producers.values { producer.close() } }
    let trainer = makeTrainer()
    while !state.isStopping {
      let seen = state.activity
      guard let run = queue.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) else {
        state.idled(Self.name, since: seen)
        _ = signal.wait(timeout: .now() + .milliseconds(50))
        continue
      }
      logger.info("run \(run.run): training version \(run.version) of \(run.model)")
      do {
        try carryOut(run, trainer, &producers)
      } catch {
        state.fail(error)
      }
      state.worked()
    }
  }

  private func makeTrainer() -> ConfiguredTrainer {
    let warn: @Sendable (String) -> Void = { [logger] in logger.warning("\($0)") }
    return ConfiguredTrainer(
      builtin: LogTrainer(log: log, configuration: configuration, warn: warn),
      programs: programs.mapValues { settings in
        ExternalTrainer(
          log: log, configuration: configuration, settings: settings, warn: warn,
          isStopping: { [state] in state.isStopping })
      })
  }

  /// Waits out what may pass: a run's outcome is never thrown away for a full disk.
  private func carryOut(
    _ run: RunStarted, _ trainer: ConfiguredTrainer, _ producers: inout [Int: any LogProducer]
  ) throws {
    let partition = RunReport.place(of: run.model, configuration).partition
    while !state.isStopping {
      do {
        let producer =
          try producers[partition] ?? log.makeProducer(id: "\(configuration.names.prefix)runs-\(partition)")
        producers[partition] = producer
        let executor = RunExecutor(
          trainer: trainer, producer: producer, configuration: configuration,
          clock: { SteadyClock.seconds })
        let report = try executor.execute(run)
        logger.info("run \(run.run): \(report.summary)")
        return
      } catch is RunInterrupted {
        return logger.info("run \(run.run): stopped, and repeated after the restart")
      } catch let error as LogError where error.code == .fenced {
        // Still ours, it will be seen to be open again.
        logger.warning("run \(run.run): \(error.message)")
        producers[partition] = nil
        queue.withLock { _ = $0.known.remove(run.run) }
        return
      } catch let error as LogError where error.retriable || error.code == .diskFull {
        logger.error("run \(run.run): \(error.message); trying again in 1 s")
        producers[partition] = nil
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

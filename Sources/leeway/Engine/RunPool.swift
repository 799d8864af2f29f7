import Control
import Engine
import Events
import Foundation
import Log
import Logging
import Synchronization

/// Carries out open runs, a few at the same time, so that the train stage goes on reading meanwhile. `RunSchedule` says
/// which; each has a thread of its own, and one more starts them, stops them and reports what came of them.
final class RunPool: Sendable {
  struct Settings: Sendable {
    /// Runs at work at the same time.
    var places = 1
    /// By model; 0 without.
    var priorities: [String: Int] = [:]
    /// By model, where a program trains it.
    var programs: [String: ExternalTrainer.Settings] = [:]
    /// By model, where it has one.
    var golden: [String: GoldenSection] = [:]
    /// Where and how often the work of built-in families is kept; nil for not at all.
    var keeping: RunCheckpoint.Settings?
  }

  private enum Outcome {
    case made(RunReport)
    case stopped
    case failed(any Error)
  }

  private struct Board {
    var schedule: RunSchedule
    /// Those that the schedule knows.
    var runs: [String: RunStarted] = [:]
    /// Runs whose work is to stop.
    var told: Set<String> = []
    /// Runs whose threads have come to an end, and not been dealt with.
    var ended: [(run: RunStarted, outcome: Outcome)] = []
    var threads = 0
  }

  /// Makes the trainer that does the work, given how it learns that the work on a run is to stop.
  typealias MakeTrainer = (_ isStopping: @escaping @Sendable (RunStarted) -> Bool) -> any Trainer

  private let log: any Log
  private let configuration: EngineConfiguration
  private let settings: Settings
  private let state: EngineState
  private let logger: Logger
  private let board: Mutex<Board>
  private let signal = DispatchSemaphore(value: 0)

  static let name = "runs"

  init(log: any Log, configuration: EngineConfiguration, settings: Settings, state: EngineState, logger: Logger) {
    self.log = log
    self.configuration = configuration
    self.settings = settings
    self.state = state
    self.logger = logger
    board = Mutex(Board(schedule: RunSchedule(places: settings.places)))
  }

  /// - Parameter runs: all that are open in the partitions at work here. What is open no longer is another's now, or over.
  /// - Returns: whether one of them is new.
  func offer(_ runs: [RunStarted]) -> Bool {
    let entries = runs.map { run in
      RunSchedule.Entry(
        run: run.run, model: run.model, priority: settings.priorities[run.model] ?? 0, time: run.time,
        isPreemptible: settings.programs[run.model] == nil)
    }
    let isNews = board.withLock { board in
      let isNews = board.schedule.see(entries)
      for run in runs { board.runs[run.run] = run }
      board.runs = board.runs.filter { board.schedule.standing(of: $0.key) != nil }
      return isNews
    }
    signal.signal()
    return isNews
  }

  /// Until the engine stops and no run is at work any more.
  func run(_ makeTrainer: MakeTrainer) {
    var reporter = RunReporter(log: log, configuration: configuration)
    defer { reporter.close() }
    let trainer = makeTrainer(isStopping)
    while !state.isStopping || board.withLock({ $0.threads > 0 || !$0.ended.isEmpty }) {
      let seen = state.activity
      let ended = board.withLock { board in
        defer { board.ended = [] }
        return board.ended
      }
      for (run, outcome) in ended { settle(run, outcome, &reporter) }
      if distribute(trainer, &reporter) || !ended.isEmpty {
        state.worked()
        continue
      }
      if board.withLock({ $0.schedule.isIdle }) { state.idled(Self.name, since: seen) }
      _ = signal.wait(timeout: .now() + .milliseconds(50))
    }
  }

  /// With the trainers that the configuration names.
  func run() {
    let warn: @Sendable (String) -> Void = { [logger] in logger.warning("\($0)") }
    run { isStopping in
      ConfiguredTrainer(
        builtin: LogTrainer(
          log: log, configuration: configuration, golden: settings.golden, warn: warn, isStopping: isStopping,
          keeping: settings.keeping),
        programs: settings.programs.mapValues { settings in
          ExternalTrainer(
            log: log, configuration: configuration, settings: settings, warn: warn, isStopping: isStopping)
        })
    }
  }

  /// Whether the work on a run is to stop.
  private func isStopping(_ run: RunStarted) -> Bool {
    state.isStopping || board.withLock { $0.told.contains(run.run) }
  }
}

// Starting and stopping.
extension RunPool {
  /// Does what the schedule says.
  /// - Returns: whether that was anything.
  private func distribute(_ trainer: any Trainer, _ reporter: inout RunReporter) -> Bool {
    var isNews = false
    while !state.isStopping {
      let (step, run) = board.withLock { board in
        let step = board.schedule.next()
        if case .stop(let run) = step { board.told.insert(run) }
        if case .start(let run) = step { return (step, board.runs[run]) }
        return (step, nil)
      }
      guard step != nil else { break }
      isNews = true
      if let run { start(run, trainer, &reporter) }
    }
    return isNews
  }

  private func start(_ run: RunStarted, _ trainer: any Trainer, _ reporter: inout RunReporter) {
    do throws(LogError) {
      try reporter.begin(run)
    } catch {
      return passes(error, run) ? end(run, .stopped) : state.fail(error)
    }
    logger.info("run \(run.run): training version \(run.version) of \(run.model)")
    board.withLock { $0.threads += 1 }
    let thread = Thread { [self] in
      let outcome = carryOut(run, trainer)
      board.withLock { board in
        board.ended.append((run, outcome))
        board.threads -= 1
      }
      signal.signal()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// On a thread of its own. Waits out what may pass.
  private func carryOut(_ run: RunStarted, _ trainer: any Trainer) -> Outcome {
    while !isStopping(run) {
      do {
        return .made(try RunReport.made(of: run, by: trainer, clock: { SteadyClock.seconds }))
      } catch is RunInterrupted {
        return .stopped
      } catch let error as LogError where passes(error, run) {
        continue
      } catch {
        return .failed(error)
      }
    }
    return .stopped
  }

  /// Whether it is worth another try, which is waited for.
  private func passes(_ error: LogError, _ run: RunStarted) -> Bool {
    guard error.retriable || error.code == .diskFull else { return false }
    logger.error("run \(run.run): \(error.message); trying again in 1 s")
    Thread.sleep(forTimeInterval: 1)
    return true
  }
}

// The end of a run.
extension RunPool {
  private func settle(_ run: RunStarted, _ outcome: Outcome, _ reporter: inout RunReporter) {
    switch outcome {
    case .made(let report): end(run, write(report, of: run, &reporter))
    case .failed(let error): state.fail(error)
    case .stopped:
      reporter.end(run)
      end(run, .stopped)
      let isOpen = board.withLock { $0.schedule.standing(of: run.run) != nil }
      let fate =
        if state.isStopping {
          "goes on after the restart"
        } else if isOpen { "goes on behind those of a higher priority" } else { "is open no longer" }
      logger.info("run \(run.run): stopped; it \(fate)")
    }
  }

  /// Waits out what may pass: a run's outcome is never thrown away for a full disk.
  private func write(_ report: RunReport, of run: RunStarted, _ reporter: inout RunReporter) -> RunSchedule.End {
    while true {
      do throws(LogError) {
        guard try reporter.write(report, of: run) else {
          // Still ours, it will be seen to be open again.
          logger.warning("run \(run.run): another process has its partition now, and this outcome counts for nothing")
          return .disowned
        }
        logger.info("run \(run.run): \(report.record.summary)")
        return .reported
      } catch {
        guard passes(error, run) else {
          state.fail(error)
          return .stopped
        }
        if state.isStopping { return .stopped }
      }
    }
  }

  private func end(_ run: RunStarted, _ end: RunSchedule.End) {
    board.withLock { board in
      board.schedule.end(run.run, end)
      board.told.remove(run.run)
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

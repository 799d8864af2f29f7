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

  /// How the thread of a run has ended.
  private enum Outcome {
    case ended(RunSchedule.End)
    case failed(any Error)
  }

  private struct Board {
    var schedule: RunSchedule
    /// Those that the schedule knows.
    var runs: [String: RunStarted] = [:]
    /// How often it was said which runs are open.
    var offers = 0
    /// Runs whose work is to stop.
    var told: Set<String> = []
    /// Runs whose threads have come to an end, and not been dealt with.
    var ended: [(run: RunStarted, outcome: Outcome)] = []
    var threads = 0
    /// When what could not begin is tried again.
    var nextTry: Double?
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
      board.offers += 1
      return isNews
    }
    signal.signal()
    return isNews
  }

  /// Until the engine stops and no run is at work any more.
  func run(_ makeTrainer: MakeTrainer) {
    let reporter = RunReporter(log: log, configuration: configuration)
    defer { reporter.close() }
    let trainer = makeTrainer(isStopping)
    while !state.isStopping || board.withLock({ $0.threads > 0 || !$0.ended.isEmpty }) {
      let seen = state.activity
      let ended = board.withLock { board in
        defer { board.ended = [] }
        return board.ended
      }
      for (run, outcome) in ended { settle(run, outcome) }
      if distribute(trainer, reporter) || !ended.isEmpty {
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
  /// Seconds between two tries of what may pass.
  private static let pause = 1.0

  /// Does what the schedule says.
  /// - Returns: whether that was anything.
  private func distribute(_ trainer: any Trainer, _ reporter: RunReporter) -> Bool {
    var isNews = false
    while !state.isStopping {
      let (step, run) = board.withLock { board in
        if let time = board.nextTry, time <= SteadyClock.seconds {
          board.nextTry = nil
          board.schedule.retry()
        }
        let step = board.schedule.next()
        if case .stop(let run) = step { board.told.insert(run) }
        if case .start(let run) = step { return (step, board.runs[run]) }
        return (step, nil)
      }
      guard step != nil else { break }
      isNews = true
      if let run { start(run, trainer, reporter) }
    }
    return isNews
  }

  private func start(_ run: RunStarted, _ trainer: any Trainer, _ reporter: RunReporter) {
    board.withLock { $0.threads += 1 }
    let thread = Thread { [self] in
      let outcome = carryOut(run, trainer, reporter)
      board.withLock { board in
        board.ended.append((run, outcome))
        board.threads -= 1
      }
      signal.signal()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  private func settle(_ run: RunStarted, _ outcome: Outcome) {
    switch outcome {
    case .failed(let error): state.fail(error)
    case .ended(let end):
      let isOpen = board.withLock { board in
        board.schedule.end(run.run, end)
        board.told.remove(run.run)
        if case .unready = end, board.nextTry == nil { board.nextTry = SteadyClock.seconds + Self.pause }
        return board.schedule.standing(of: run.run) != nil
      }
      guard case .stopped = end else { return }
      let fate =
        if state.isStopping {
          "goes on after the restart"
        } else if isOpen { "goes on behind those of a higher priority" } else { "is open no longer" }
      logger.info("run \(run.run): stopped; it \(fate)")
    }
  }
}

// On the thread of a run.
extension RunPool {
  private func carryOut(_ run: RunStarted, _ trainer: any Trainer, _ reporter: RunReporter) -> Outcome {
    do throws(LogError) {
      try reporter.begin(run)
    } catch {
      return passes(error, run) ? .ended(.unready) : .failed(error)
    }
    logger.info("run \(run.run): training version \(run.version) of \(run.model)")
    do {
      guard let report = try report(of: run, by: trainer) else {
        reporter.end(run)
        return .ended(.stopped)
      }
      let end = try write(report, of: run, reporter)
      if case .reported = end { trainer.forget(run) }
      return .ended(end)
    } catch {
      return .failed(error)
    }
  }

  /// Waits out what may pass.
  /// - Returns: nil where the work was told to stop.
  private func report(of run: RunStarted, by trainer: any Trainer) throws -> RunReport? {
    while !isStopping(run) {
      do {
        return try RunReport.made(of: run, by: trainer, clock: { SteadyClock.seconds })
      } catch is RunInterrupted {
        return nil
      } catch let error as LogError where passes(error, run) {
        Thread.sleep(forTimeInterval: Self.pause)
      }
    }
    return nil
  }

  /// Waits out what may pass: a run's outcome is never thrown away for a full disk.
  private func write(
    _ report: RunReport, of run: RunStarted, _ reporter: RunReporter
  ) throws(LogError) -> RunSchedule.End {
    while true {
      let offers = board.withLock(\.offers)
      do throws(LogError) {
        guard try reporter.write(report, of: run) else { return disowned(run) }
        logger.info("run \(run.run): \(report.record.summary)")
        return .reported
      } catch {
        guard passes(error, run) else { throw error }
      }
      guard let isOurs = isOpen(run, since: offers) else {
        reporter.end(run)
        return .stopped
      }
      guard isOurs else {
        reporter.end(run)
        return disowned(run)
      }
    }
  }

  /// Still ours, it will be seen to be open again.
  private func disowned(_ run: RunStarted) -> RunSchedule.End {
    logger.warning("run \(run.run): another process has its partition now, and this outcome counts for nothing")
    return .disowned
  }

  /// Waits for a while, and until it has been said anew which runs are open here.
  ///
  /// - Parameter offers: how often that had been said.
  /// - Returns: whether the run is among them; nil where the engine stops first.
  private func isOpen(_ run: RunStarted, since offers: Int) -> Bool? {
    let end = SteadyClock.seconds + Self.pause
    while !state.isStopping {
      let isOpen = board.withLock { $0.offers > offers ? $0.schedule.isOpen(run.run) : nil }
      if let isOpen, SteadyClock.seconds >= end || !isOpen { return isOpen }
      Thread.sleep(forTimeInterval: 0.05)
    }
    return nil
  }

  /// Whether it is worth another try.
  private func passes(_ error: LogError, _ run: RunStarted) -> Bool {
    guard error.retriable || error.code == .diskFull else { return false }
    logger.error("run \(run.run): \(error.message); trying again in \(Figures.short(Self.pause)) s")
    return true
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

import Backtest
import Engine
import EventLog
import Events
import Foundation
import Log
import Synchronization

/// Tries policies on a recording, several at the same time.
struct BacktestTrial {
  private let backtest: Backtest
  private let policies: [PolicyFile]
  private let workers: Int
  /// Told what a policy's engine writes, by the policy's name.
  private let observer: @Sendable (String) -> OutputObserver?
  private let progress: TrialProgress?

  /// - Parameters:
  ///   - options: without seconds of training a run takes as long as was recorded, or none.
  ///   - scoredFrom: the first row that counts; nil for the first one served.
  init(
    _ plan: BacktestSource.Plan, _ policies: [PolicyFile], _ options: TrialOptions, scoredFrom: Int? = nil,
    observer: @escaping @Sendable (String) -> OutputObserver? = { _ in nil }
  ) throws {
    let fixed = options.trainSeconds.map { Milliseconds(($0 * 1_000).rounded()) }
    let recorded = fixed == nil ? try plan.runTimes() : nil
    var settings = BacktestSettings(model: plan.model, historyRows: plan.historyRows) { run in
      fixed ?? recorded?.milliseconds(of: run) ?? 0
    }
    settings.scoredFrom = scoredFrom
    switch plan.source {
    case .events(let recording): backtest = try Backtest(recording: recording, settings: settings)
    case .topics(let topics, let depth):
      settings.depth = depth
      backtest = try Backtest(asRecorded: topics, settings: settings)
    }
    self.policies = policies
    self.workers = min(options.workers ?? ProcessInfo.processInfo.activeProcessorCount, policies.count)
    self.observer = observer
    progress = TrialProgress(rows: plan.rows, policies: policies.count, quiet: options.quiet)
  }

  /// In the order of the policies.
  /// - Parameter rows: told every row that counts, policy by policy: one at a time then.
  func outcomes(rows: RowObserver?) throws -> [PolicyOutcome] {
    let scratch = ScratchFolder("leeway-backtest")
    let signals = try EndingSignals(making: scratch.make) { scratch.remove() }
    defer {
      progress?.clear()
      withExtendedLifetime(signals) { scratch.remove() }
    }
    if let rows { return try policies.indices.map { try outcome(of: $0, scratch, rows) } }
    let board = Mutex(Board(results: Array(repeating: nil, count: policies.count)))
    let group = DispatchGroup()
    for _ in 0..<workers {
      group.enter()
      let thread = Thread {
        while let index = board.withLock({ $0.take() }) {
          let result = Result { try outcome(of: index, scratch, nil) }
          board.withLock { $0.results[index] = result }
        }
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    return try board.withLock { board in try board.results.compactMap { try $0?.get() } }
  }

  private struct Board: Sendable {
    var results: [Result<PolicyOutcome, any Error>?]
    private var taken = 0

    init(results: [Result<PolicyOutcome, any Error>?]) { self.results = results }

    /// The next policy that nobody tries; none once one has failed.
    mutating func take() -> Int? {
      let hasFailed = results.contains { if case .failure? = $0 { true } else { false } }
      guard taken < results.count, !hasFailed else { return nil }
      taken += 1
      return taken - 1
    }
  }

  private func outcome(of number: Int, _ scratch: ScratchFolder, _ rows: RowObserver?) throws -> PolicyOutcome {
    let file = policies[number]
    let path = scratch.file("\(UUID().uuidString).db")
    let log = try EmbeddedLog(path: path)
    let warn: @Sendable (String) -> Void = { [progress] in
      progress?.clear()
      Terminal.complain("policy \(file.policy.name): \($0)")
    }
    let observe = observer(file.policy.name)
    let outcome = try backtest.outcome(
      of: file.policy, log: log, observe: progress?.observer(of: number, observe) ?? observe, rows: rows
    ) { log in
      let configuration = file.policy.configuration
      let builtin = LogTrainer(log: log, configuration: configuration, golden: file.file.goldenSets, warn: warn)
      var sections = file.file
      // What programs leave behind goes away with the rest.
      (sections.log.embedded, sections.engine.runsFolder) = (path, nil)
      let programs = sections.programs.mapValues { settings in
        ExternalTrainer(log: log, configuration: configuration, settings: settings, warn: warn)
      }
      return ConfiguredTrainer(builtin: builtin, programs: programs)
    }
    progress?.finish(number)
    if let heldUp = outcome.heldUp { warn("\(heldUp)") }
    let journal = outcome.journal
    if let letter = journal.firstDeadLetter {
      warn("\(journal.deadLetters) events could not be used, the first because: \(letter)")
    }
    return outcome
  }
}

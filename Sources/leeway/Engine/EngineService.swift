import Engine
import Events
import Foundation
import Log
import Logging
import ServiceLifecycle
import Synchronization

/// The stages of one process, each on a thread of its own, until told to stop.
struct EngineService: Service {
  /// Which workers a process runs.
  enum StageName: String, CaseIterable {
    case join, monitor, train
  }

  /// When the stages stop.
  enum Ending {
    case told
    /// Once there is nothing left to do.
    case idle
    /// The same, after what is open has been closed.
    case finished
  }

  let log: any Log
  let configuration: EngineConfiguration
  let settings: WorkerSettings
  let stages: Set<StageName>
  /// Seconds between commits.
  let commitInterval: Double
  /// Milliseconds of silence after which partitions are advanced by the clock.
  let idle: Int64
  let ending: Ending
  let logger: Logger

  /// Seconds between two looks at retention and compaction.
  private static let maintenanceInterval = 60.0
  /// Seconds between two looks at the topics' partitions.
  private static let partitionsInterval = 30.0

  func run() async throws {
    let state = EngineState(
      threads: Set(stages.map(\.rawValue)).union(stages.contains(.train) ? [RunThread.name] : []),
      countsIdle: ending != .told)
    await withGracefulShutdownHandler {
      await withTaskGroup(of: Void.self) { group in
        for body in bodies(state) { group.addTask { await Self.onThread(body) } }
      }
    } onGracefulShutdown: {
      state.stop()
    }
    if let failure = state.failure { throw failure }
    if ending != .told { report(state.unfinished) }
  }

  private func bodies(_ state: EngineState) -> [@Sendable () -> Void] {
    var bodies: [@Sendable () -> Void] = [{ keepHouse(state) }]
    if stages.contains(.join) { bodies.append(joinThread(state).run) }
    if stages.contains(.monitor) {
      let thread = StageThread<MonitorStage>(
        name: StageName.monitor.rawValue, state: state, logger: logger, commitInterval: commitInterval,
        makeWorker: { try Stages.monitor(log, configuration, settings) })
      bodies.append(thread.run)
    }
    if stages.contains(.train) {
      let runs = RunThread(log: log, configuration: configuration, state: state, logger: logger)
      let thread = StageThread<TrainStage>(
        name: StageName.train.rawValue, state: state, logger: logger, commitInterval: commitInterval,
        makeWorker: { try Stages.train(log, configuration, settings) },
        afterStep: { worker, look in
          // Not before everything is read: the report of a run that seems open may be in the log already.
          guard look.isIdle else { return false }
          return runs.offer(worker.stages.sorted { $0.key < $1.key }.flatMap { $0.value.openRuns })
        })
      bodies += [thread.run, runs.run]
    }
    return bodies
  }

  private func joinThread(_ state: EngineState) -> StageThread<JoinStage> {
    let silence = Mutex(SilenceClock(idle: idle))
    return StageThread(
      name: StageName.join.rawValue, state: state, logger: logger, commitInterval: commitInterval,
      makeWorker: { try Stages.join(log, configuration, settings) },
      afterStep: { worker, look in
        if let saved = worker.savedTime { state.workedOff(saved) }
        guard ending == .told else { return try end(worker, look, state) }
        return try silence.withLock { try $0.look(at: worker, seconds: look.seconds, wall: Self.wallClock()) }
      })
  }

  /// Closes what is open, once that is asked for; else takes note of it.
  private func end(
    _ worker: Worker<JoinStage>, _ look: StageThread<JoinStage>.Look, _ state: EngineState
  ) throws -> Bool {
    if look.isIdle { state.left(worker.stages.values.reduce(UnfinishedWork()) { $0 + $1.unfinished }) }
    guard state.takeFinishing(), let newest = worker.newestTime else { return false }
    let intake = configuration.intake
    return try worker.promise(passed: newest + 3 * intake.pane + intake.lateness)
  }

  private func report(_ work: UnfinishedWork) {
    guard !work.isNothing else { return }
    var parts: [String] = []
    if work.openRows > 0 {
      let from = work.openFrom.map { " from \(RFC3339.format($0)) on" } ?? ""
      parts.append("\(Figures.grouped(work.openRows)) scored rows in panes\(from)")
    }
    if work.waiting > 0 { parts.append("\(Figures.grouped(work.waiting)) events that wait for the other topics") }
    logger.notice(
      "left open until later events come: \(parts.joined(separator: ", and ")); --finish closes them")
  }

  /// Retention and compaction now and then; and the end, where the end is being idle.
  private func keepHouse(_ state: EngineState) {
    var next = Self.maintenanceInterval
    var nextCheck = Self.partitionsInterval
    let start = Date()
    var hasFinished = false
    var letters = try? DeadLetterCount(log, names: configuration.names)
    defer { if ending != .told { tell(of: &letters) } }
    while !state.isStopping {
      Thread.sleep(forTimeInterval: 0.02)
      if ending != .told, state.isQuiet {
        if ending == .finished, !hasFinished { state.finish() } else { state.stop() }
        hasFinished = true
      }
      if Date().timeIntervalSince(start) >= nextCheck {
        nextCheck += Self.partitionsInterval
        checkPartitions(state)
      }
      guard Date().timeIntervalSince(start) >= next else { continue }
      next += Self.maintenanceInterval
      do {
        try log.maintain(now: Self.wallClock(), workedOff: state.workedOff)
      } catch {
        logger.warning("maintenance of the log: \(error.message)")
      }
      tell(of: &letters)
    }
  }

  /// Partitions that were added hold events that no worker reads: better to stop than to pass them over.
  private func checkPartitions(_ state: EngineState) {
    do {
      try Topic.checkPartitions(in: log, TopicsSection(configuration))
    } catch let error as CommandError {
      state.fail(error)
    } catch {
      // A cluster that does not answer is asked again at the next look.
    }
  }

  /// - Parameter letters: nil after an error, and made anew.
  private func tell(of letters: inout DeadLetterCount?) {
    // One process for all.
    guard stages.contains(.join) else { return }
    do throws(LogError) {
      if letters == nil { letters = try DeadLetterCount(log, names: configuration.names) }
      guard let found = try letters?.look() else { return }
      logger.warning("\(found) came; see: leeway tail deadletters")
    } catch {
      letters = nil
      logger.warning("dead letters cannot be counted: \(error.message)")
    }
  }

  static func wallClock() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

  private static func onThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
      let thread = Thread {
        body()
        continuation.resume()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }
}

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
  /// How runs are carried out.
  var runs = RunPool.Settings()
  /// Where runs and versions are mirrored to, if anywhere.
  var mirror: MirrorThread.Settings?
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
  /// Seconds for which a stage that is to end may commit and leave its group, and where the engine has failed only leave.
  /// Whoever stops the engine is promised 15, with what comes behind the stages.
  private static let patience = 13.0
  private static let failurePatience = 4.0

  func run() async throws {
    let state = EngineState(
      threads: Set(stages.map(\.rawValue)).union(stages.contains(.train) ? [RunPool.name] : []),
      countsIdle: ending != .told)
    Thread.detachNewThread { watchTopics(state) }
    // Before the first of them can be written. One process tells of them for all.
    let letters = stages.contains(.join) ? try? DeadLetterCount(log, names: configuration.names) : nil
    await withGracefulShutdownHandler {
      await withTaskGroup(of: Void.self) { group in
        for body in bodies(state, letters) { group.addTask { await Self.onThread(state, body) } }
      }
    } onGracefulShutdown: {
      state.stop()
    }
    if let failure = state.failure { throw failure }
    guard ending != .told else { return }
    report(state.unfinished)
    try reportHeld()
  }

  private func bodies(_ state: EngineState, _ letters: DeadLetterCount?) -> [@Sendable () -> Void] {
    var bodies: [@Sendable () -> Void] = [{ keepHouse(state, letters) }]
    if stages.contains(.join) { bodies.append(joinThread(state).run) }
    if stages.contains(.monitor) {
      let thread = StageThread<MonitorStage>(
        name: StageName.monitor.rawValue, state: state, logger: logger, commitInterval: commitInterval,
        makeWorker: { try Stages.monitor(log, configuration, settings) })
      bodies.append(thread.run)
    }
    if stages.contains(.train) { bodies += trainBodies(state) }
    return bodies
  }

  private func trainBodies(_ state: EngineState) -> [@Sendable () -> Void] {
    let pool = RunPool(log: log, configuration: configuration, settings: runs, state: state, logger: logger)
    let news = Mutex(PublicationNews(log, configuration))
    let mirror = mirror.map { settings in
      MirrorThread(
        log: log, names: configuration.names, settings: settings, grace: ending == .told ? 2 : 10, state: state,
        logger: logger)
    }
    let thread = StageThread<TrainStage>(
      name: StageName.train.rawValue, state: state, logger: logger, commitInterval: commitInterval,
      makeWorker: {
        mirror?.hold([])
        return try Stages.train(log, configuration, settings)
      },
      afterStep: { worker, look in
        mirror?.hold(worker.stages.keys)
        // Not before everything is read: the report of a run that seems open may be in the log already.
        guard look.isIdle else { return false }
        for line in news.withLock({ (try? $0.look(at: worker)) ?? [] }) { logger.info("\(line)") }
        return pool.offer(worker.stages.sorted { $0.key < $1.key }.flatMap { $0.value.openRuns })
      })
    return (mirror.map { [$0.run] } ?? []) + [thread.run, pool.run]
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
    guard state.isFinishing, let newest = worker.newestTime else { return false }
    let intake = configuration.intake
    let isNews = try worker.promise(passed: newest + 3 * intake.pane + intake.lateness)
    if isNews { state.promised() }
    return isNews
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

  /// What nobody could read, and so is not worked off.
  private func reportHeld() throws(LogError) {
    let reader = try log.makeReader()
    defer { reader.close() }
    let places = Topic.allCases.flatMap { topic in
      (0..<configuration.partitions(of: topic)).map { TopicPartition(configuration.names[topic], $0) }
    }
    for (place, end) in try HeldPartitions.lasting(places, reader) {
      logger.warning("\(HeldPartitions.describe(place, end)) \(HeldPartitions.remedy)")
    }
  }

  /// On a thread that nobody waits for at the end: a cluster that does not answer would hold it up. What a look cannot find
  /// out those say who work with the topics.
  private func watchTopics(_ state: EngineState) {
    var watch: TopicWatch?
    var next = 0.0
    while !state.isStopping {
      if SteadyClock.seconds >= next {
        next = SteadyClock.seconds + TopicWatch.interval
        if watch == nil { watch = try? TopicWatch(log, configuration) }
        report(try? watch?.look(seconds: SteadyClock.seconds), state)
      }
      Thread.sleep(forTimeInterval: 0.05)
    }
    // One that has just gone would hold up the stages, which commit a last time.
    if state.failure == nil { report(try? watch?.look(seconds: SteadyClock.seconds, patience: 0), state) }
  }

  private func report(_ found: TopicWatch.Found?, _ state: EngineState) {
    for line in found?.news ?? [] { logger.warning("\(line)") }
    if let failure = found?.failure { state.fail(failure) }
  }

  /// Retention and compaction now and then; and the end, where the end is being idle.
  private func keepHouse(_ state: EngineState, _ letters: DeadLetterCount?) {
    var next = SteadyClock.seconds + Self.maintenanceInterval
    var hasFinished = false
    var letters = letters
    defer { if ending != .told { tell(of: &letters) } }
    while !state.isStopping {
      Thread.sleep(forTimeInterval: 0.02)
      if ending != .told, state.isQuiet {
        if ending == .finished, !hasFinished { state.finish() } else { state.stop() }
        hasFinished = true
      }
      guard SteadyClock.seconds >= next else { continue }
      next += Self.maintenanceInterval
      do {
        try log.maintain(now: Self.wallClock(), workedOff: state.workedOff)
      } catch {
        logger.warning("maintenance of the log: \(error.message)")
      }
      tell(of: &letters)
    }
  }

  /// - Parameter letters: nil where the log did not answer at the start.
  private func tell(of letters: inout DeadLetterCount?) {
    guard stages.contains(.join) else { return }
    do throws(LogError) {
      if letters == nil { letters = try DeadLetterCount(log, names: configuration.names) }
      guard let found = try letters?.look() else { return }
      logger.warning("\(found) came; see: leeway tail deadletters")
    } catch {
      logger.warning("dead letters cannot be counted: \(error.message)")
    }
  }

  static func wallClock() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

  /// Waits for the end of `body`; once the engine stops, for a while only. Nothing is lost by one that is left where it is
  /// held up: it has committed or it has not.
  private static func onThread(_ state: EngineState, _ body: @escaping @Sendable () -> Void) async {
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    let thread = Thread {
      body()
      end.finish()
    }
    thread.stackSize = 8 << 20
    thread.start()
    let limit = Task {
      var stop = Double.infinity
      while SteadyClock.seconds - stop < (state.failure == nil ? patience : failurePatience) {
        try await Task.sleep(for: .milliseconds(50))
        if state.isStopping { stop = min(stop, SteadyClock.seconds) }
      }
      end.finish()
    }
    for await _ in ends {}
    limit.cancel()
  }
}

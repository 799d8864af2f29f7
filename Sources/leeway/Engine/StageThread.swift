import Engine
import EventLog
import Foundation
import Log
import Logging
import Synchronization

/// What the threads of one engine share: whether to stop, the first fatal error, and who has been idle since when.
final class EngineState: Sendable {
  private struct State {
    var isStopping = false
    var failure: (any Error)?
    /// Grows with everything that any thread does.
    var activity = 0
    /// The activity that each thread had seen when it last found nothing to do.
    var idle: [String: Int] = [:]
    var workedOff = Int64.min
    var isFinishing = false
    var promises = 0
    var unfinished = UnfinishedWork()
  }

  private let state = Mutex(State())
  private let threads: Set<String>
  /// Whether being idle matters, so that a thread must be sure of it.
  let countsIdle: Bool

  init(threads: Set<String>, countsIdle: Bool) {
    self.threads = threads
    self.countsIdle = countsIdle
  }

  var isStopping: Bool { state.withLock(\.isStopping) }
  var failure: (any Error)? { state.withLock(\.failure) }

  func stop() {
    state.withLock { $0.isStopping = true }
  }

  func fail(_ error: any Error) {
    state.withLock {
      if $0.failure == nil { $0.failure = error }
      $0.isStopping = true
    }
  }

  /// Asks for what is open to be closed.
  func finish() {
    state.withLock {
      $0.isFinishing = true
      $0.activity += 1
    }
  }

  /// Promises that close everything at most. A topic that others lag behind is not asked for, and so is read to its end only
  /// when those have been closed: each of the topics of events may need one.
  static let mostPromises = 4

  /// Whether that was asked, and may still need a promise.
  var isFinishing: Bool { state.withLock { $0.isFinishing && $0.promises < Self.mostPromises } }

  func promised() {
    state.withLock { $0.promises += 1 }
  }

  /// What the stages that have nothing to do have not finished.
  var unfinished: UnfinishedWork { state.withLock(\.unfinished) }

  func left(_ work: UnfinishedWork) {
    state.withLock { $0.unfinished = work }
  }

  func worked() {
    state.withLock { $0.activity += 1 }
  }

  /// The event time from which on a restart reads records. Until it is known, none is too old to be kept.
  var workedOff: Int64 { state.withLock(\.workedOff) }

  func workedOff(_ time: Int64) {
    state.withLock { $0.workedOff = time }
  }

  /// What has been done so far: to be asked before looking for work, and told if there was none.
  var activity: Int { state.withLock(\.activity) }

  func idled(_ thread: String, since activity: Int) {
    state.withLock { $0.idle[thread] = activity }
  }

  /// Whether every thread has looked for work since the last was done, and found none.
  var isQuiet: Bool {
    state.withLock { state in threads.allSatisfy { state.idle[$0] == state.activity } }
  }
}

/// Runs one stage's worker on a thread of its own until the engine stops. Errors that may pass are waited out with a new
/// worker; others stop the engine.
final class StageThread<S: Stage>: Sendable where S: SendableMetatype {
  /// When a step ended, and whether it found anything to do.
  struct Look {
    /// By a clock that never goes back.
    let seconds: Double
    let isIdle: Bool
  }

  private static var longestPause: Double { 5 }
  private static var waitMilliseconds: Int { 50 }

  private let name: String
  private let state: EngineState
  private let logger: Logger
  private let commitInterval: Double
  private let warned = Mutex<Set<Int>>([])
  /// Whom it has said to wait for.
  private let holder = Mutex("")
  private let makeWorker: @Sendable () throws -> Worker<S>
  private let afterStep: @Sendable (Worker<S>, Look) throws -> Bool

  /// - Parameter afterStep: what else the stage needs after each step; says whether it did anything.
  init(
    name: String, state: EngineState, logger: Logger, commitInterval: Double,
    makeWorker: @escaping @Sendable () throws -> Worker<S>,
    afterStep: @escaping @Sendable (Worker<S>, Look) throws -> Bool = { _, _ in false }
  ) {
    self.name = name
    self.state = state
    self.logger = logger
    self.commitInterval = commitInterval
    self.makeWorker = makeWorker
    self.afterStep = afterStep
  }

  func run() {
    var pause = 0.1
    while !state.isStopping {
      do {
        let worker = try makeWorker()
        try work(worker)
        // What another stage has stumbled over may concern what this one would commit.
        if state.failure == nil { try worker.close() } else { worker.leave() }
        return
      } catch let error as LogError where error.code == .groupOwned || error.retriable || error.code == .diskFull {
        tell(of: error, pause: pause)
        sleep(seconds: pause)
        pause = min(pause * 2, Self.longestPause)
      } catch {
        state.fail(error)
      }
    }
  }

  /// Why there is a pause, in seconds.
  private func tell(of error: LogError, pause: Double) {
    guard error.code == .groupOwned else {
      return logger.error("stage \(name): \(error.message); trying again in \(pause) s")
    }
    // What a second engine is there for; it says so once for every owner.
    let isNews = holder.withLock { holder in
      defer { holder = error.message }
      return holder != error.message
    }
    if isNews { logger.notice("stage \(name): \(error.message) This one waits, and takes over then.") }
  }

  private func work(_ worker: Worker<S>) throws {
    var lastCommit = SteadyClock.seconds
    var places: [Int]?
    while !state.isStopping {
      let seen = state.activity
      let now = SteadyClock.seconds
      let step = try worker.step(flush: now - lastCommit >= commitInterval)
      tell(of: worker, &places)
      warn(of: worker.oversizedSnapshots)
      if step.committed { lastCommit = SteadyClock.seconds }
      var busy = !step.isIdle
      if step.records == 0, !step.committed { busy = try worker.step(flush: true).isIdle == false || busy }
      busy = try afterStep(worker, Look(seconds: now, isIdle: !busy)) || busy
      if busy {
        state.worked()
      } else {
        if try !state.countsIdle || worker.hasReadAll() { state.idled(name, since: seen) }
        try worker.wait(milliseconds: Self.waitMilliseconds)
      }
    }
  }

  /// Which partitions it has, whenever that changes: where people look for who has taken over.
  private func tell(of worker: Worker<S>, _ places: inout [Int]?) {
    let isSame = places?.count == worker.stages.count && places?.allSatisfy { worker.stages[$0] != nil } == true
    guard !isSame else { return }
    let now = worker.stages.keys.sorted()
    defer { places = now }
    if !now.isEmpty {
      logger.info("stage \(name) is at work on partition\(now.count == 1 ? "" : "s") \(Figures.ranges(now))")
    } else if places != nil {
      logger.info("stage \(name) has no partitions now")
    }
  }

  /// A state that is too large to be saved makes restarts slow, and says so once.
  private func warn(of oversized: [Int: OversizedSnapshot]) {
    for (partition, snapshot) in oversized.sorted(by: { $0.key < $1.key }) {
      guard warned.withLock({ $0.insert(partition).inserted }) else { continue }
      let state = "the state of partition \(partition), \(snapshot.bytes) bytes"
      logger.warning("stage \(name): \(state), is not saved, and a restart takes longer: \(snapshot.reason)")
    }
  }

  private func sleep(seconds: Double) {
    let end = SteadyClock.seconds + seconds
    while !state.isStopping, SteadyClock.seconds < end { Thread.sleep(forTimeInterval: 0.05) }
  }
}

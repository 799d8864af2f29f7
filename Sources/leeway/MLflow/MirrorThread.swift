import Events
import Foundation
import LeewayClient
import Log
import Logging
import Synchronization

/// Mirrors what comes to `runs` and `models` in the partitions where this process trains, on a thread of its own. The
/// stages know nothing of it: a server that is away, slow or wrong costs them nothing, and gets everything later.
final class MirrorThread: Sendable {
  struct Settings: Sendable {
    let server: MLflowSection
    /// A secret.
    let authorization: String?
    /// Stands before the names of registered models.
    let prefix: String
    /// Where given, versions count that one of them has signed.
    let keys: [TrustedKey]?
  }

  /// Seconds between two tries of a server that is away: the first pause, and the longest.
  private static let pauses = (first: 1.0, longest: 60.0)
  /// Seconds between two warnings of one outage.
  private static let warningPause = 300.0
  private static let waitMilliseconds = 200
  /// Seconds after the engine's end for a server that has not answered yet.
  private static let shortGrace = 2.0

  private let log: any Log
  private let names: TopicNames
  private let settings: Settings
  private let grace: Double
  private let state: EngineState
  private let logger: Logger
  private let held = Mutex<Set<Int>>([])
  private let stop = Mutex(Double.infinity)
  private let hasAnswered = Mutex(false)

  /// - Parameter grace: seconds after the engine's end for what is not written yet, where the server answers.
  init(log: any Log, names: TopicNames, settings: Settings, grace: Double, state: EngineState, logger: Logger) {
    self.log = log
    self.names = names
    self.settings = settings
    self.grace = grace
    self.state = state
    self.logger = logger
  }

  /// The partitions that are mirrored here from now on.
  func hold(_ partitions: some Sequence<Int>) {
    held.withLock { $0 = Set(partitions) }
  }

  private var isOver: Bool {
    guard state.isStopping else { return false }
    return stop.withLock { stop in
      stop = min(stop, SteadyClock.seconds)
      return SteadyClock.seconds - stop > (hasAnswered.withLock(\.self) ? grace : min(grace, Self.shortGrace))
    }
  }

  func run() {
    let client = MLflowClient(settings.server, authorization: settings.authorization) { [self] in isOver }
    var work = Work(
      mirror: TrackingMirror(client, experiment: settings.server.experiment, prefix: settings.prefix),
      report: OutageReport(
        cluster: settings.server.shown, pause: Self.warningPause,
        words: OutageReport.Words(isGone: "takes nothing", hasBeenGone: "has taken nothing")))
    while !isOver {
      let isLast = state.isStopping
      let isNews = read(&work)
      if work.reader != nil, SteadyClock.seconds >= work.next { write(&work) }
      for line in work.sieve.due(at: SteadyClock.seconds) { logger.warning("\(line.text)") }
      if isLast, work.book.isWritten || work.report.isInDoubt || work.reader == nil { break }
      if work.reader == nil || (!isNews && isLast) { Thread.sleep(forTimeInterval: 0.05) }
    }
    let (runs, versions) = (work.book.openRuns.count, work.book.openVersions)
    guard runs + versions > 0 else { return }
    let missing = "\(settings.server.shown) has yet to get \(runs) runs and \(versions) versions"
    logger.notice("\(missing): they come when an engine runs again, or with leeway models mirror")
  }

  /// What the thread has in hand.
  private struct Work {
    var mirror: TrackingMirror
    var report: OutageReport
    var sieve = LineSieve()
    var book = MirrorBook()
    var places: Set<Int> = []
    var reader: MirrorReader?
    /// When the server is tried next.
    var next = 0.0
    var pause = pauses.first
  }

  /// Reads what has come, and waits a while for it.
  /// - Returns: whether anything has.
  private func read(_ work: inout Work) -> Bool {
    let places = held.withLock { $0 }
    do throws(LogError) {
      if places != work.places || (work.reader == nil && !places.isEmpty) {
        (work.places, work.reader, work.book) = (places, nil, MirrorBook())
        guard !places.isEmpty else { return true }
        work.reader = try MirrorReader(log, names, partitions: places.sorted(), trusting: settings.keys)
      } else if try work.reader?.wait(milliseconds: Self.waitMilliseconds) != true {
        return false
      }
      try work.reader?.read(into: &work.book) { isOver }
      return true
    } catch {
      if let line = work.sieve.take("mirror: \(error.message)", level: 4, at: SteadyClock.seconds) {
        logger.warning("\(line)")
      }
      // Begun anew, and so read anew.
      work.reader = nil
      Thread.sleep(forTimeInterval: 0.2)
      return false
    }
  }

  private func write(_ work: inout Work) {
    let hasGreeted = hasAnswered.withLock(\.self)
    guard !hasGreeted || work.report.isInDoubt || !work.book.isWritten else { return }
    do throws(MLflowFailure) {
      try work.mirror.write(&work.book)
      note(nil, &work)
      work.pause = Self.pauses.first
      if !hasGreeted {
        let known = work.mirror.knownRuns ?? 0
        logger.info(
          "\(settings.server.shown): runs go to the experiment \(settings.server.experiment), which has \(known) of them"
        )
      }
      hasAnswered.withLock { $0 = true }
    } catch {
      guard error.kind != .stopped else { return }
      note(error.message, &work)
      work.next = SteadyClock.seconds + work.pause
      work.pause = min(work.pause * 2, Self.pauses.longest)
    }
    for refusal in work.mirror.takeRefusals() {
      let line = "\(settings.server.shown): \(refusal)"
      if let line = work.sieve.take(line, level: 4, at: SteadyClock.seconds) { logger.warning("\(line)") }
    }
  }

  private func note(_ outage: String?, _ work: inout Work) {
    if outage != nil { work.report.suspect() }
    guard work.report.beginTrying() else { return }
    guard let note = work.report.tried(outage: outage, at: SteadyClock.seconds, clock: Date()) else { return }
    logger.log(level: note.isGood ? .notice : .warning, "\(note.text)")
  }
}

extension LeewayConfiguration {
  /// nil where nothing is to be mirrored.
  func mirrorSettings() throws(CommandError) -> MirrorThread.Settings? {
    guard let mlflow else { return nil }
    return MirrorThread.Settings(
      server: mlflow, authorization: try mlflow.authorization(), prefix: topics.prefix,
      keys: try security.loadTrustedKeys())
  }
}

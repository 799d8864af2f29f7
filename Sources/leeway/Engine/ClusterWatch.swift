import EventLog
import Foundation
import Logging
import Synchronization

/// Turns what Kafka's clients say into an engine's log: outages in plain sentences, all else once and not hundreds of times.
final class ClusterWatch: Sendable {
  private struct State {
    var report: OutageReport
    var sieve = LineSieve()
    /// Of connections that have failed since the cluster was in doubt: the last.
    var connection: KafkaOptions.Line?
  }

  private let state: Mutex<State>
  private let logger: Logger

  init(cluster: String, _ logger: Logger) {
    state = Mutex(State(report: OutageReport(cluster: cluster)))
    self.logger = logger
  }

  /// Comes from threads of the library.
  func take(_ line: KafkaOptions.Line) {
    let shown = state.withLock { state -> String? in
      if line.isOutage || line.isConnection { state.report.suspect() }
      // A single connection is news where others hold, and while nobody is reachable it is none.
      if line.isConnection { state.connection = line }
      guard !line.isOutage, !line.isConnection else { return nil }
      return state.sieve.take(line.text, level: line.level, at: SteadyClock.seconds)
    }
    if let shown { log(shown, level: line.level) }
  }

  /// Watches until the process ends.
  ///
  /// - Parameter outage: asks the cluster, which may take a second, and says why it does not answer.
  func start(outage: @escaping @Sendable () -> String?) {
    let thread = Thread { [self] in
      while true {
        look(outage)
        Thread.sleep(forTimeInterval: 0.5)
      }
    }
    thread.start()
  }

  private func look(_ outage: () -> String?) {
    let isInDoubt = state.withLock { $0.report.beginTrying() }
    let cause = isInDoubt ? outage() : nil
    let (note, due) = state.withLock { state in
      let seconds = SteadyClock.seconds
      let note = isInDoubt ? state.report.tried(outage: cause, at: seconds, clock: Date()) : nil
      var due = state.sieve.due(at: seconds)
      if isInDoubt {
        if cause == nil, note == nil, let line = state.connection,
          let text = state.sieve.take("a connection has failed: \(line.text)", level: line.level, at: seconds)
        {
          due.append((text, line.level))
        }
        state.connection = nil
      }
      return (note, due)
    }
    if let note { logger.log(level: note.isGood ? .notice : .error, "\(note.text)") }
    for line in due { log(line.text, level: line.level) }
  }

  private func log(_ text: String, level: Int) {
    let level: Logger.Level =
      switch level {
      case ...3: .error
      case 4: .warning
      case 5, 6: .info
      default: .debug
      }
    logger.log(level: level, "kafka: \(text)")
  }
}

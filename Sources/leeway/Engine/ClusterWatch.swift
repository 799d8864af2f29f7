import EventLog
import Foundation
import Logging
import Synchronization

/// Turns what Kafka's clients say into an engine's log: outages in plain sentences, all else once and not hundreds of times.
final class ClusterWatch: Sendable {
  private struct State {
    var report: OutageReport
    var sieve = LineSieve()
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
      guard line.isOutage else { return state.sieve.take(line.text, level: line.level, at: Self.now()) }
      state.report.suspect(line.text)
      return nil
    }
    if let shown { log(shown, level: line.level) }
  }

  /// Watches until the process ends.
  ///
  /// - Parameter isReachable: asks the cluster, and may take a second.
  func start(isReachable: @escaping @Sendable () -> Bool) {
    let thread = Thread { [self] in
      while true {
        look(isReachable)
        Thread.sleep(forTimeInterval: 0.5)
      }
    }
    thread.start()
  }

  private func look(_ isReachable: () -> Bool) {
    let answer = state.withLock(\.report.isInDoubt) ? isReachable() : nil
    let (note, due) = state.withLock { state in
      (
        answer.flatMap { state.report.tried(isReachable: $0, at: Self.now(), clock: Date()) },
        state.sieve.due(at: Self.now())
      )
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

  private static func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
}

import EventLog
import Foundation
import Synchronization

/// Says on standard error that a command waits for its cluster, once for each time that it does not answer for a while.
final class ClusterPatience: Sendable {
  /// Seconds that it is waited for without a word.
  private static let seconds = 2.0

  private struct State {
    /// Since when nobody knows whether it answers; nil where it does.
    var doubt: Double?
    var isTold = false
  }

  private let cluster: String
  private let state = Mutex(State(doubt: SteadyClock.seconds))

  init(cluster: String) { self.cluster = cluster }

  /// Comes from threads of the library.
  func take(_ line: KafkaOptions.Line) {
    guard line.isOutage || line.isConnection else { return }
    state.withLock { if $0.doubt == nil { $0.doubt = SteadyClock.seconds } }
  }

  /// Watches until the process ends.
  ///
  /// - Parameter outage: asks the cluster, which may take a second, and says why it does not answer.
  func start(outage: @escaping @Sendable () -> String?) {
    Thread.detachNewThread { [self] in
      while true {
        if isOverdue { tell(outage()) }
        Thread.sleep(forTimeInterval: 0.25)
      }
    }
  }

  private var isOverdue: Bool {
    state.withLock { $0.doubt.map { SteadyClock.seconds - $0 >= Self.seconds } ?? false }
  }

  private func tell(_ cause: String?) {
    let isNews = state.withLock { state in
      defer { if cause == nil { state = State() } else { state.isTold = true } }
      return cause != nil && !state.isTold
    }
    if isNews, let cause { Terminal.complain("waiting for \(cluster)… (\(cause))") }
  }
}

import Foundation
import Synchronization

/// Whether a signal has asked the process to end, for work that ends in good order. A second signal ends it at once, and
/// `patience` does where the work waits for what may never come, such as a cluster that does not answer.
final class StopRequest: Sendable {
  /// Seconds that work has to end by itself.
  private static let patience = 5.0

  private let isMade = Atomic(false)

  /// - Parameters:
  ///   - word: what is said where patience is over.
  ///   - last: what is left to do where the work is broken off.
  init(_ word: String, last: @escaping @Sendable () -> Void = {}) {
    SignalListener.listen(to: [SIGINT, SIGTERM, SIGHUP]) { [self] number in
      if isMade.exchange(true, ordering: .sequentiallyConsistent) {
        last()
        _exit(128 + number)
      }
      SignalListener.later(Self.patience) {
        last()
        Terminal.complain(word)
        _exit(1)
      }
    }
  }

  var hasCome: Bool { isMade.load(ordering: .relaxed) }
}

import Foundation
import Synchronization

/// Whether a signal has asked the process to end, for work that ends in good order. A second signal ends it at once.
final class StopRequest: Sendable {
  private let isMade = Atomic(false)

  init() {
    SignalListener.listen(to: [SIGINT, SIGTERM, SIGHUP]) { [self] number in
      if isMade.exchange(true, ordering: .sequentiallyConsistent) { _exit(128 + number) }
    }
  }

  var hasCome: Bool { isMade.load(ordering: .relaxed) }
}

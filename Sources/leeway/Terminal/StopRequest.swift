import Dispatch
import Foundation
import Synchronization

/// Whether a signal has asked the process to end, for work that ends in good order. A second signal ends it at once.
final class StopRequest: Sendable {
  private let isMade = Atomic(false)

  init() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        // The source lives as long as its handler, which lives as long as the process.
        _ = source
        if isMade.exchange(true, ordering: .sequentiallyConsistent) { _exit(128 + number) }
      }
      source.resume()
    }
  }

  var hasCome: Bool { isMade.load(ordering: .relaxed) }
}

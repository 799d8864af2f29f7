import Dispatch
import Foundation

/// Where a signal asks the process to end, or its reader is gone: does what is left to do, then ends it with the status
/// that a shell gives such an end.
final class EndingSignals {
  private let sources: [any DispatchSourceSignal]

  init(_ last: @escaping @Sendable () -> Void) {
    sources = [SIGINT, SIGTERM, SIGHUP, SIGPIPE].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        last()
        _exit(128 + number)
      }
      source.resume()
      return source
    }
  }
}

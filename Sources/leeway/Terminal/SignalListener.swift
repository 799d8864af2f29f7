import Dispatch
import Foundation

enum SignalListener {
  /// Of its own, as all threads that the machine's cores are worth may be waiting, the caller's among them.
  private static let queue = DispatchQueue(label: "leeway.signals")

  /// Does something after so many seconds, unless the process has ended by then. Never while a signal is being heard.
  static func later(_ seconds: Double, _ body: @escaping @Sendable () -> Void) {
    queue.asyncAfter(deadline: .now() + seconds, execute: body)
  }

  /// Has signals told to a handler for the rest of the process. When it returns they no longer end the process, and none
  /// was lost in between: until it hears them, they end it.
  static func listen(to numbers: [Int32], _ heard: @escaping @Sendable (Int32) -> Void) {
    let registered = DispatchSemaphore(value: 0)
    for number in numbers {
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        // The source lives as long as its handler.
        _ = source
        heard(number)
      }
      source.setRegistrationHandler {
        // On Linux Dispatch hears signals by a handler of its own, whose place this would take.
        #if !os(Linux)
          signal(number, SIG_IGN)
        #endif
        registered.signal()
      }
      source.resume()
      registered.wait()
    }
  }
}

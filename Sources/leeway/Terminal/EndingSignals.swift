import Foundation
import Synchronization

/// Where a signal asks the process to end, or its reader is gone: what is left to do. All that is registered then is done,
/// and the process ends with the status that a shell gives such an end.
///
/// SIGQUIT is left alone: who sends it wants the core, and to look at the unfinished files beside it.
final class EndingSignals: Sendable {
  private static let registered = Mutex<[ObjectIdentifier: @Sendable () -> Void]>([:])
  /// Once and for the rest of the process.
  private static let listen: Void = SignalListener.listen(to: [SIGINT, SIGTERM, SIGHUP, SIGPIPE]) { number in
    // Kept locked: nobody ends the process while another one is still at it.
    registered.withLock { last in
      for work in last.values { work() }
      _exit(128 + number)
    }
  }

  /// - Parameters:
  ///   - make: makes what `last` takes away: no signal ends the process between them.
  ///   - last: done as long as this lives.
  init<E: Error>(making make: () throws(E) -> Void, _ last: @escaping @Sendable () -> Void) throws(E) {
    Self.listen
    let identifier = ObjectIdentifier(self)
    try Self.registered.withLock { registered throws(E) in
      try make()
      registered[identifier] = last
    }
  }

  convenience init(_ last: @escaping @Sendable () -> Void) { self.init(making: {}, last) }

  deinit {
    _ = Self.registered.withLock { $0.removeValue(forKey: ObjectIdentifier(self)) }
  }
}

import Dispatch
import Foundation
import Synchronization

/// Starts the threads that own log handles. Calls into a log block, and a blocked thread of Swift's concurrency pool
/// would hold up other tasks of the process.
enum WorkThread {
  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.start()
  }
}

/// Wakes the one thread that waits on it. Rings while it is awake count as one.
final class Bell: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private let rung = Atomic<Bool>(false)

  /// Call after the change that the waiting thread should see.
  func ring() {
    if !rung.exchange(true, ordering: .acquiringAndReleasing) { semaphore.signal() }
  }

  /// Waits for a ring, at most as long as `limit` says; look at the shared state afterwards.
  func wait(atMost limit: Duration? = nil) {
    if let limit {
      _ = semaphore.wait(timeout: .now() + limit.seconds)
    } else {
      semaphore.wait()
    }
    rung.store(false, ordering: .sequentiallyConsistent)
  }
}

extension Duration {
  var seconds: Double {
    let (whole, fraction) = components
    return Double(whole) + Double(fraction) * 1e-18
  }
}

import CRdKafka
import Dispatch
import Synchronization

/// Rung by librdkafka's threads when a queue that was empty holds something; its owner waits for it.
final class KafkaBell: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private let rung = Mutex(false)

  /// Has `queue` ring this bell, which must outlive it.
  func attach(to queue: OpaquePointer) {
    rd_kafka_queue_cb_event_enable(
      queue, { _, opaque in opaque.map { Unmanaged<KafkaBell>.fromOpaque($0).takeUnretainedValue().ring() } },
      Unmanaged.passUnretained(self).toOpaque())
  }

  func ring() {
    let isNew = rung.withLock { rung in
      defer { rung = true }
      return !rung
    }
    if isNew { semaphore.signal() }
  }

  /// Waits for a ring since the last wait, at most `milliseconds`.
  func wait(milliseconds: Int) {
    guard semaphore.wait(timeout: .now() + .milliseconds(max(milliseconds, 0))) == .success else { return }
    rung.withLock { $0 = false }
  }
}

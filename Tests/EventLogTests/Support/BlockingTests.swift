import Foundation
import Synchronization
import Testing

/// Tests that wait for threads and sockets: they run on threads of their own, several at a time, so that they neither
/// hold up each other nor the threads that all other tests share.
struct BlockingTests: SuiteTrait, TestTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    try await withTaskExecutorPreference(BlockingExecutor.shared) { try await function() }
  }
}

extension Trait where Self == BlockingTests {
  static var blocking: Self { BlockingTests() }
}

/// A few threads that may be blocked.
private final class BlockingExecutor: TaskExecutor {
  static let shared = BlockingExecutor()

  private let jobs = Mutex<[UnownedJob]>([])
  private let waiting = DispatchSemaphore(value: 0)

  private init() {
    for _ in 0..<24 {
      Thread.detachNewThread { [unowned self] in
        while true {
          waiting.wait()
          jobs.withLock { $0.removeFirst() }.runSynchronously(on: asUnownedTaskExecutor())
        }
      }
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    waiting.signal()
  }
}

/// A thread that runs one body and keeps its error.
final class BackgroundThread: Sendable {
  private let done = DispatchSemaphore(value: 0)
  private let failure = Mutex<(any Error)?>(nil)

  init(_ body: @escaping @Sendable () throws -> Void) throws {
    Thread.detachNewThread { [self] in
      do { try body() } catch { failure.withLock { $0 = error } }
      done.signal()
    }
  }

  /// Waits for the end, two minutes at most, and throws what the body threw.
  func join() throws {
    try #require(done.wait(timeout: .now() + 120) == .success, "a thread did not end within two minutes")
    if let error = failure.withLock({ $0 }) { throw error }
  }
}

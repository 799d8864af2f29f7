import Backtest
import Events
import Foundation
import Synchronization

/// A recording that a thread of its own reads, some way ahead of who takes it: unpacking and decoding take a good part of
/// the time that judging does. What is handed over is the same, and in the same order.
struct AheadRecording: TopicRecording {
  /// What is handed over together at least, but for the last of it, in bytes: runs may be short where topics take turns.
  private static let batch = 256 << 10
  /// Bytes that a record takes beside its value.
  private static let beside = 64

  let base: any TopicRecording

  var partitions: Int { base.partitions }

  func count(of topic: Topic) -> Int { base.count(of: topic) }

  func read(_ topics: Set<Topic>, _ take: (RecordRun) throws -> Void) throws {
    try readAhead(size: { $0.bytes + Self.beside * $0.records.count }, { try base.read(topics, $0) }, take)
  }

  func readSummaries(_ take: (SummaryRun) throws -> Void) throws {
    try readAhead(size: { $0.bytes + Self.beside * $0.records.count }, { try base.readSummaries($0) }, take)
  }

  /// - Parameters:
  ///   - size: of a run, in bytes.
  ///   - read: hands over all runs.
  private func readAhead<Run: Sendable>(
    size: @escaping @Sendable (Run) -> Int, _ read: @escaping @Sendable ((Run) throws -> Void) throws -> Void,
    _ take: (Run) throws -> Void
  ) throws {
    let queue = BatchQueue<Run>()
    let thread = Thread {
      var (batch, bytes): ([Run], Int) = ([], 0)
      let result = Result {
        try read { run in
          try queue.checkTaken()
          batch.append(run)
          bytes += size(run)
          guard bytes >= Self.batch else { return }
          try queue.put(batch)
          (batch, bytes) = ([], 0)
        }
      }
      queue.end(result, rest: batch)
    }
    thread.stackSize = 8 << 20
    thread.start()
    defer { queue.stop() }
    var batch: [Run] = []
    while try queue.exchange(&batch) { for run in batch { try take(run) } }
  }
}

/// Batches of runs on their way from one thread to another.
private final class BatchQueue<Run: Sendable>: Sendable {
  /// Nobody takes any more.
  private struct Stopped: Error {}

  private struct State {
    var batches: [[Run]] = []
    /// Taken, and to be freed by the thread that reads: it made them, and has time for it.
    var spent: [[Run]] = []
    var end: Result<Void, any Error>?
  }

  /// Batches that wait at most.
  private static var most: Int { 4 }

  private let state = Mutex(State())
  private let isStopped = Atomic(false)
  private let room = DispatchSemaphore(value: 0)
  private let filled = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  init() {
    for _ in 0..<Self.most { room.signal() }
  }

  /// - Throws: where nobody takes any more.
  func checkTaken() throws {
    if isStopped.load(ordering: .relaxed) { throw Stopped() }
  }

  func put(_ batch: [Run]) throws {
    room.wait()
    try checkTaken()
    var spent: [[Run]] = []
    state.withLock { state in
      swap(&spent, &state.spent)
      state.batches.append(batch)
    }
    filled.signal()
  }

  /// - Parameter rest: what was read before the end, be it an error.
  func end(_ result: Result<Void, any Error>, rest: [Run]) {
    state.withLock { state in
      state.batches.append(rest)
      state.end = result
    }
    for _ in 0..<2 { filled.signal() }
    ended.signal()
  }

  /// Gives a batch back for the next one.
  ///
  /// - Returns: false behind the last.
  func exchange(_ batch: inout [Run]) throws -> Bool {
    state.withLock { state in
      state.spent.append(batch)
      batch = []
    }
    filled.wait()
    let hasNext = try state.withLock { state in
      guard state.batches.isEmpty else {
        batch = state.batches.removeFirst()
        return true
      }
      try state.end?.get()
      return false
    }
    room.signal()
    return hasNext
  }

  /// Returns once nothing is read any more.
  func stop() {
    isStopped.store(true, ordering: .relaxed)
    room.signal()
    ended.wait()
  }
}

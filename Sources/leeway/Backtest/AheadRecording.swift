import Backtest
import Events
import Foundation
import Synchronization

/// A recording whose summaries a thread of their own reads, some way ahead of who takes them: reading them and judging by
/// them take about as long. What is handed over is the same, and in the same order.
struct AheadRecording: TopicRecording {
  let base: any TopicRecording

  var partitions: Int { base.partitions }

  func count(of topic: Topic) -> Int { base.count(of: topic) }

  func read(_ topics: Set<Topic>, _ take: (RecordRun) throws -> Void) throws { try base.read(topics, take) }

  func readSummaries(_ take: (SummaryRun) throws -> Void) throws {
    let queue = RunQueue()
    let thread = Thread {
      queue.end(Result { try base.readSummaries { run in try queue.put(run) } })
    }
    thread.stackSize = 8 << 20
    thread.start()
    defer { queue.stop() }
    while let run = try queue.next() { try take(run) }
  }
}

/// Runs on their way from one thread to another.
private final class RunQueue: Sendable {
  /// Nobody takes any more.
  private struct Stopped: Error {}

  private struct State {
    var runs: [SummaryRun] = []
    var end: Result<Void, any Error>?
    var isStopped = false
  }

  /// Runs of some hundred kilobytes that wait at most.
  private static let most = 8

  private let state = Mutex(State())
  private let room = DispatchSemaphore(value: 0)
  private let filled = DispatchSemaphore(value: 0)

  init() {
    for _ in 0..<Self.most { room.signal() }
  }

  func put(_ run: SummaryRun) throws {
    room.wait()
    let isStopped = state.withLock { state in
      state.runs.append(run)
      return state.isStopped
    }
    if isStopped { throw Stopped() }
    filled.signal()
  }

  func end(_ result: Result<Void, any Error>) {
    state.withLock { $0.end = result }
    filled.signal()
  }

  /// Nil behind the last.
  func next() throws -> SummaryRun? {
    filled.wait()
    let run = try state.withLock { state -> SummaryRun? in
      if !state.runs.isEmpty { return state.runs.removeFirst() }
      try state.end?.get()
      return nil
    }
    room.signal()
    return run
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    room.signal()
  }
}

import Log
import Synchronization

/// What a subscriber shares with its thread: the follower, and the changes on their way to who asks for them.
///
/// The thread looks at the log only while somebody waits for a change, so nothing piles up.
final class SubscriberCore: Sendable {
  /// How long the thread waits on the log before it looks whether the subscriber was closed.
  private static let patience = 100
  private static let pauses: (first: Duration, longest: Duration) = (.milliseconds(50), .seconds(2))

  private enum Mode {
    case polled, iterated, closed
  }

  private struct Waiter {
    let ticket: UInt64
    let continuation: CheckedContinuation<ModelChange?, Never>
  }

  private struct State {
    var mode = Mode.polled
    /// Told in this order, before the thread looks again.
    var ready: [ModelChange] = []
    var waiters: [Waiter] = []
    var tickets: UInt64 = 0
    /// Tickets that were cancelled before they got in line.
    var cancelled: Set<UInt64> = []
  }

  private let state = Mutex(State())
  private let follower: Mutex<ModelFollower>
  private let bell = Bell()

  init(_ follower: sending ModelFollower) {
    self.follower = Mutex(follower)
  }

  func poll() throws(ClientError) -> [ModelChange] {
    // The thread holds the follower while it waits on the log.
    guard try mayPoll() else { return [] }
    let result = follower.withLock { follower -> Result<[ModelChange], ClientError> in
      do throws(ClientError) {
        return .success(try mayPoll() ? try Self.poll(&follower) : [])
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func mayPoll() throws(ClientError) -> Bool {
    switch state.withLock({ $0.mode }) {
    case .polled: return true
    case .closed: return false
    case .iterated: throw ClientError(.inUse, "poll() of a subscriber whose changes are iterated: use one of the two")
    }
  }

  private static func poll(_ follower: inout ModelFollower) throws(ClientError) -> [ModelChange] {
    do throws(LogError) {
      return try follower.poll()
    } catch {
      throw ClientError("cannot follow the models", error)
    }
  }

  func close() {
    let (waiters, mode) = state.withLock { state in
      defer {
        state.mode = .closed
        state.waiters = []
        state.ready = []
      }
      return (state.waiters, state.mode)
    }
    for waiter in waiters { waiter.continuation.resume(returning: nil) }
    switch mode {
    case .polled: follower.withLock { $0.close() }
    // The thread may be waiting on the log now: it closes its reader itself.
    case .iterated: bell.ring()
    case .closed: break
    }
  }
}

// Those who wait.
extension SubscriberCore {
  func next() async -> ModelChange? {
    startThread()
    let ticket = state.withLock { state in
      state.tickets += 1
      return state.tickets
    }
    defer { state.withLock { _ = $0.cancelled.remove(ticket) } }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        line(up: Waiter(ticket: ticket, continuation: continuation))
      }
    } onCancel: {
      cancel(ticket)
    }
  }

  private func line(up waiter: Waiter) {
    let told = state.withLock { state -> ModelChange?? in
      if state.mode == .closed || state.cancelled.contains(waiter.ticket) { return .some(nil) }
      if !state.ready.isEmpty { return .some(state.ready.removeFirst()) }
      state.waiters.append(waiter)
      return nil
    }
    if let told {
      waiter.continuation.resume(returning: told)
    } else {
      bell.ring()
    }
  }

  private func cancel(_ ticket: UInt64) {
    let waiter = state.withLock { state -> Waiter? in
      if let index = state.waiters.firstIndex(where: { $0.ticket == ticket }) {
        return state.waiters.remove(at: index)
      }
      state.cancelled.insert(ticket)
      return nil
    }
    waiter?.continuation.resume(returning: nil)
  }

  private func tell(_ changes: [ModelChange]) {
    let told = state.withLock { state -> [(Waiter, ModelChange)] in
      if state.mode == .closed { return [] }
      state.ready += changes
      let told = Array(zip(state.waiters, state.ready))
      state.waiters.removeFirst(told.count)
      state.ready.removeFirst(told.count)
      return told
    }
    for (waiter, change) in told { waiter.continuation.resume(returning: change) }
  }
}

// The thread.
extension SubscriberCore {
  private func startThread() {
    let starts = state.withLock { state in
      defer { if state.mode == .polled { state.mode = .iterated } }
      return state.mode == .polled
    }
    if starts { WorkThread.start("leeway-subscriber") { self.run() } }
  }

  private func run() {
    var pause = Self.pauses.first
    var isInterrupted = false
    while let wanted = state.withLock({ $0.mode == .closed ? nil : !$0.waiters.isEmpty }) {
      guard wanted else {
        bell.wait()
        continue
      }
      do throws(LogError) {
        try look()
        pause = Self.pauses.first
        isInterrupted = false
      } catch {
        if !isInterrupted { tell([.interrupted(ClientError("cannot follow the models", error))]) }
        if error.code == .closed { close() }
        isInterrupted = true
        bell.wait(atMost: pause)
        pause = min(pause * 2, Self.pauses.longest)
      }
    }
    follower.withLock { $0.close() }
  }

  /// Tells what is new; where nothing is, waits for it a while.
  private func look() throws(LogError) {
    let result = follower.withLock { follower -> Result<[ModelChange], LogError> in
      do throws(LogError) {
        let changes = try follower.poll()
        if changes.isEmpty { try follower.wait(milliseconds: Self.patience) }
        return .success(changes)
      } catch {
        return .failure(error)
      }
    }
    tell(try result.get())
  }
}

import Synchronization

/// The `SendBuffer` behind a lock, with those who wait for it: senders for room, flushes and closes for the log.
///
/// Continuations resume outside the lock; senders get room in the order in which they asked for it.
final class SendQueue: Sendable {
  enum Admission {
    case accepted, closed, cancelled
  }

  /// What the sending thread has to do next.
  enum Next {
    case send(SendBatch)
    case wait(Duration?)
    case finish
  }

  fileprivate struct Sender {
    let ticket: UInt64
    let event: PreparedEvent
    let continuation: CheckedContinuation<Admission, Never>
  }

  fileprivate struct Flush {
    let ticket: UInt64
    let upTo: Int64
    let continuation: CheckedContinuation<ClientError?, Never>
  }

  fileprivate struct State {
    var buffer: SendBuffer
    var senders: [Sender] = []
    var flushes: [Flush] = []
    var closers: [CheckedContinuation<ClientError?, Never>] = []
    var tickets: UInt64 = 0
    /// Tickets that were cancelled before they got in line.
    var cancelled: Set<UInt64> = []
    var undelivered = 0
    var firstFailure: EventFailure?
    var closing = false
    var finished = false
    var outcome: ClientError?
  }

  private let state: Mutex<State>
  private let bell = Bell()

  init(batch: BatchLimits, limits: BufferLimits) {
    state = Mutex(State(buffer: SendBuffer(batch: batch, limits: limits)))
  }
}

// Senders.
extension SendQueue {
  /// Whether the event was accepted; `nil` where there is no room for it now.
  func offer(_ event: PreparedEvent) -> Admission? {
    let offer = state.withLock { state -> SendBuffer.Offer? in
      if state.closing { return nil }
      return state.senders.isEmpty ? state.buffer.offer(event, now: { .now }) : .full
    }
    switch offer {
    case nil: return .closed
    case .full: return nil
    case .accepted: return .accepted
    case .acceptedWakingSender:
      bell.ring()
      return .accepted
    }
  }

  /// Waits in line for room.
  func admit(_ event: PreparedEvent) async -> Admission {
    let ticket = makeTicket()
    defer { forget(ticket) }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        line(up: Sender(ticket: ticket, event: event, continuation: continuation))
      }
    } onCancel: {
      cancel(ticket)
    }
  }

  private func line(up sender: Sender) {
    let admission = state.withLock { state -> Admission? in
      if state.cancelled.remove(sender.ticket) != nil { return .cancelled }
      if state.closing { return .closed }
      if state.senders.isEmpty, state.buffer.offer(sender.event, now: { .now }) != .full { return .accepted }
      state.senders.append(sender)
      return nil
    }
    bell.ring()
    if let admission { sender.continuation.resume(returning: admission) }
  }

  private func makeTicket() -> UInt64 {
    state.withLock { state in
      state.tickets += 1
      return state.tickets
    }
  }

  /// A cancellation may come when the wait is over already.
  private func forget(_ ticket: UInt64) {
    state.withLock { _ = $0.cancelled.remove(ticket) }
  }

  private func cancel(_ ticket: UInt64) {
    let (sender, flush) = state.withLock { state -> (Sender?, Flush?) in
      if let index = state.senders.firstIndex(where: { $0.ticket == ticket }) {
        return (state.senders.remove(at: index), nil)
      }
      if let index = state.flushes.firstIndex(where: { $0.ticket == ticket }) {
        return (nil, state.flushes.remove(at: index))
      }
      state.cancelled.insert(ticket)
      return (nil, nil)
    }
    sender?.continuation.resume(returning: .cancelled)
    flush?.continuation.resume(returning: .cancelledFlush)
  }
}

// Flush and close.
extension SendQueue {
  /// Waits until everything accepted so far is in the log.
  /// - Returns: what did not get there.
  func flush() async -> ClientError? {
    let ticket = makeTicket()
    defer { forget(ticket) }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in flush(ticket, continuation) }
    } onCancel: {
      cancel(ticket)
    }
  }

  private func flush(_ ticket: UInt64, _ continuation: CheckedContinuation<ClientError?, Never>) {
    let done = state.withLock { state -> ClientError?? in
      if state.cancelled.remove(ticket) != nil { return .some(.cancelledFlush) }
      if state.finished { return .some(state.outcome) }
      state.buffer.flush()
      if state.buffer.settled == state.buffer.accepted { return .some(state.takeFailures()) }
      state.flushes.append(Flush(ticket: ticket, upTo: state.buffer.accepted, continuation: continuation))
      return nil
    }
    if let done {
      continuation.resume(returning: done)
    } else {
      bell.ring()
    }
  }

  /// Refuses new events; what was accepted is still sent.
  func close() {
    let refused = state.withLock { state -> [Sender] in
      state.closing = true
      defer { state.senders = [] }
      return state.senders
    }
    for sender in refused { sender.continuation.resume(returning: .closed) }
    bell.ring()
  }

  /// Waits until the sending thread has ended.
  func finished() async -> ClientError? {
    await withCheckedContinuation { continuation in
      let done = state.withLock { state -> ClientError?? in
        if state.finished { return .some(state.outcome) }
        state.closers.append(continuation)
        return nil
      }
      if let done { continuation.resume(returning: done) }
    }
  }
}

// The sending thread.
extension SendQueue {
  func next() -> Next {
    state.withLock { state in
      switch state.buffer.next(hurried: state.closing || !state.senders.isEmpty, now: { .now }) {
      case .send(let batch): .send(batch)
      case .wait(let limit): state.closing ? .finish : .wait(limit)
      }
    }
  }

  func wait(atMost limit: Duration?) {
    bell.wait(atMost: limit)
  }

  func settle(_ batch: SendBatch, failures: [EventFailure]) {
    let (flushes, senders, failure) = state.withLock { state in
      state.note(failures)
      state.buffer.settle(batch)
      let flushes = state.settledFlushes()
      return (flushes, state.admitSenders(), flushes.isEmpty ? nil : state.takeFailures())
    }
    for flush in flushes { flush.continuation.resume(returning: failure) }
    for sender in senders { sender.continuation.resume(returning: .accepted) }
  }

  func finish() {
    let (closers, flushes, outcome) = state.withLock { state in
      state.closing = true
      state.finished = true
      state.outcome = state.takeFailures()
      defer {
        state.closers = []
        state.flushes = []
      }
      return (state.closers, state.flushes, state.outcome)
    }
    for flush in flushes { flush.continuation.resume(returning: outcome) }
    for closer in closers { closer.resume(returning: outcome) }
  }
}

extension SendQueue.State {
  fileprivate mutating func note(_ failures: [EventFailure]) {
    undelivered += failures.count
    if firstFailure == nil { firstFailure = failures.first }
  }

  fileprivate mutating func takeFailures() -> ClientError? {
    guard let first = firstFailure else { return nil }
    defer {
      undelivered = 0
      firstFailure = nil
    }
    return ClientError(
      .undelivered, "\(undelivered) events did not reach the log, the first of them \(first)", cause: first.error.cause)
  }

  fileprivate mutating func settledFlushes() -> [SendQueue.Flush] {
    let settled = buffer.settled
    let done = flushes.filter { $0.upTo <= settled }
    if !done.isEmpty { flushes.removeAll { $0.upTo <= settled } }
    return done
  }

  fileprivate mutating func admitSenders() -> ArraySlice<SendQueue.Sender> {
    let admitted = senders.prefix { buffer.offer($0.event, now: { .now }) != .full }
    senders.removeFirst(admitted.count)
    return admitted
  }
}

extension ClientError {
  fileprivate static let cancelledFlush = ClientError(
    .cancelled, "the flush was cancelled: what was sent is still on its way to the log")
}

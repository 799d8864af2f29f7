import Events
import Log

/// An event that is encoded and has its place: all that is left is to append it.
struct PreparedEvent: Sendable {
  let topic: Topic
  let id: String
  let partition: TopicPartition
  let record: Record

  /// What the event counts for against the limits: its key and value.
  var bytes: Int { (record.key?.count ?? 0) + (record.value?.count ?? 0) }
}

/// Consecutive events that go to the log in one append.
struct SendBatch: Sendable {
  /// Running number of the first event.
  let first: Int64
  private(set) var events: [PreparedEvent] = []
  private(set) var bytes = 0

  init(first: Int64) {
    self.first = first
  }

  var end: Int64 { first + Int64(events.count) }

  mutating func append(_ event: PreparedEvent) {
    events.append(event)
    bytes += event.bytes
  }
}

/// The events between the senders and the log: which fit, which are due, which are done.
///
/// Where batches end depends on the events and the limits alone, never on how fast the log takes them; only an
/// elapsed linger time or a flush ends a batch early.
struct SendBuffer {
  /// What the sending thread has to do next.
  enum Next {
    case send(SendBatch)
    /// Nothing is due before this long; `nil`: before something changes.
    case wait(Duration?)
  }

  /// What became of an offered event.
  enum Offer: Equatable {
    case full
    case accepted
    /// Accepted, and the sending thread has to look again.
    case acceptedWakingSender
  }

  private let batch: BatchLimits
  private let limits: BufferLimits
  private var sealed: [SendBatch] = []
  private var open = SendBatch(first: 0)
  private var openSince: ContinuousClock.Instant?
  private var heldBytes = 0
  private var flushedTo: Int64 = 0
  /// Every event below this number has reached the log or was reported.
  private(set) var settled: Int64 = 0

  init(batch: BatchLimits, limits: BufferLimits) {
    self.batch = batch
    self.limits = limits
  }

  /// Number of the next event, and of the events accepted so far.
  var accepted: Int64 { open.end }

  mutating func offer(_ event: PreparedEvent, now: () -> ContinuousClock.Instant) -> Offer {
    guard accepted - settled < Int64(limits.events), heldBytes + event.bytes <= limits.bytes else { return .full }
    let batches = sealed.count
    if !open.events.isEmpty, open.bytes + event.bytes > batch.bytes { seal() }
    let starts = open.events.isEmpty
    open.append(event)
    heldBytes += event.bytes
    if open.events.count >= batch.events || open.bytes >= batch.bytes {
      seal()
    } else if starts, batch.linger != nil {
      openSince = now()
    }
    return sealed.count > batches || (starts && batch.linger != nil) ? .acceptedWakingSender : .accepted
  }

  /// - Parameter hurried: whether what there is should go at once.
  mutating func next(hurried: Bool, now: () -> ContinuousClock.Instant) -> Next {
    if sealed.isEmpty {
      if open.events.isEmpty { return .wait(nil) }
      if !hurried, open.first >= flushedTo {
        guard let linger = batch.linger, let openSince else { return .wait(nil) }
        let rest = linger - (now() - openSince)
        if rest > .zero { return .wait(rest) }
      }
      seal()
    }
    return .send(sealed.removeFirst())
  }

  /// Makes everything accepted so far due.
  mutating func flush() {
    flushedTo = accepted
  }

  /// A batch that `next` gave out is in the log, or reported.
  mutating func settle(_ batch: SendBatch) {
    settled = batch.end
    heldBytes -= batch.bytes
  }

  private mutating func seal() {
    sealed.append(open)
    open = SendBatch(first: open.end)
    openSince = nil
  }
}

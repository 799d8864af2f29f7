public import Bytes
public import Events

/// Which trigger of one model runs now and which wait. One run at a time, in the order of the triggers, one run per
/// trigger whatever happens: so what is trained never depends on how long a run takes.
public struct RunQueue: Hashable, Sendable {
  public private(set) var waiting: [Trigger] = []
  public private(set) var current: RunStarted?
  /// Of triggers: a repeated one is recognised.
  private var seen = RecentIDs()
  private var allowance = RunAllowance()

  public init() {}

  /// - Returns: whether the trigger is new; a repeated one changes nothing.
  public mutating func offer(_ trigger: Trigger) -> Bool {
    guard seen.insert(trigger.id) else { return false }
    waiting.append(trigger)
    return true
  }

  /// The trigger to act on next, if no run is under way.
  public mutating func next() -> Trigger? {
    guard current == nil, !waiting.isEmpty else { return nil }
    return waiting.removeFirst()
  }

  /// Whether a trigger gets its run, and counts it then. A person's always does, and does not count.
  ///
  /// - Parameter runsPerDay: nil for as many as there are triggers.
  /// - Returns: nil where it does; else the event time from which on one gets its run again.
  public mutating func postpone(_ trigger: Trigger, runsPerDay: Int?) -> Milliseconds? {
    guard let runsPerDay, !trigger.isManual else { return nil }
    return allowance.take(at: trigger.time, limit: runsPerDay)
  }

  public mutating func start(_ run: RunStarted) {
    current = run
  }

  /// - Returns: the run that this ends; `nil` where it is not the one under way, such as a second report of the same.
  public mutating func finish(_ run: String) -> RunStarted? {
    guard let started = current, started.run == run else { return nil }
    current = nil
    return started
  }

  public enum Cancelled: Hashable, Sendable {
    case current(RunStarted)
    case waiting(Trigger)
    /// It has ended, or its trigger was refused.
    case over
    case unknown
  }

  /// Takes a run out, whether it is under way or its trigger waits. A report of it that comes later ends nothing.
  public mutating func cancel(_ run: String) -> Cancelled {
    if let started = finish(run) { return .current(started) }
    if let index = waiting.firstIndex(where: { $0.id == run }) { return .waiting(waiting.remove(at: index)) }
    return seen.contains(run) ? .over : .unknown
  }
}

extension RunQueue {
  public func encode(into writer: inout ByteWriter) {
    writer.append(waiting) { $0.append($1.encoded()) }
    writer.append(current) { $0.append(RunRecord.started($1).encoded()) }
    seen.encode(into: &writer)
    allowance.encode(into: &writer)
  }

  public init(from reader: inout ByteReader) throws(ByteError) {
    waiting = try reader.array { reader throws(ByteError) in
      try Self.decode(Trigger.self, from: &reader)
    }
    current = try reader.optional { reader throws(ByteError) in
      guard case .started(let run) = try Self.decode(RunRecord.self, from: &reader) else {
        throw reader.failure("a run that has not started")
      }
      return run
    }
    seen = try RecentIDs(from: &reader)
    allowance = try RunAllowance(from: &reader)
  }

  private static func decode<T: EventRecord>(_ type: T.Type, from reader: inout ByteReader) throws(ByteError) -> T {
    let bytes = try reader.slice()
    do {
      return try T.decode(bytes)
    } catch {
      throw reader.failure("a record in a snapshot: \(error)")
    }
  }
}

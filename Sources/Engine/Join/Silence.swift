public import Events
public import Log

/// Reads silence off a clock: which topics have had nothing new for a while, and what time it is in the stream then.
///
/// Silent topics follow the newest prediction. In a live stream, whose newest prediction came within a minute of its time,
/// event time also goes on at the clock's pace when everything is silent. A recording's does not: fed in pieces,
/// it would be torn from its own time by every pause.
public struct Silence: Sendable {
  private struct Stand: Sendable {
    let progress: Int64
    let since: Milliseconds
  }

  /// How far behind the clock a live stream's newest event may come, in milliseconds, beside the silence that counts.
  private static let liveLag: Milliseconds = 60_000

  /// Milliseconds of silence that count.
  public let idle: Milliseconds
  private var stands: [TopicPartition: Stand] = [:]
  private var newest: (time: Milliseconds, isLive: Bool, since: Milliseconds)?

  public init(idle: Milliseconds) {
    self.idle = idle
  }

  /// Looks at topics that have been read to their ends.
  ///
  /// - Parameters:
  ///   - progress: of each of them a number that grows with every record.
  ///   - time: that of the newest prediction.
  ///   - now: milliseconds by a clock that never goes back.
  ///   - wall: the present, which event time never passes.
  /// - Returns: those that are silent, the time that they have passed, and whether the stream is live; nil where none is.
  public mutating func look(
    at progress: [TopicPartition: Int64], newest time: Milliseconds, now: Milliseconds, wall: Milliseconds
  ) -> (silent: Set<TopicPartition>, passed: Milliseconds, isLive: Bool)? {
    if newest.map({ time > $0.time }) ?? true { newest = (time, wall - time <= Self.liveLag + idle, now) }
    let known = stands
    stands = progress.reduce(into: [:]) { stands, topic in
      let last = known[topic.key]
      stands[topic.key] = last?.progress == topic.value ? last : Stand(progress: topic.value, since: now)
    }
    let silent = stands.filter { now - $0.value.since >= idle }
    guard !silent.isEmpty, let newest else { return nil }
    let gone = newest.isLive ? now - newest.since : 0
    return (Set(silent.keys), max(min(newest.time + gone, wall) - idle, Limits.earliestTime), newest.isLive)
  }
}

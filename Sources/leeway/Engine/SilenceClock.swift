import Engine
import Events
import Log

/// Reads silence off the machine's clock: which topics have had nothing new for a while, and what time it is in the
/// stream then.
///
/// Silent topics follow the newest prediction. In a live stream, whose newest prediction came within a minute of its time,
/// event time also goes on at the clock's pace when everything is silent. A recording's does not: fed in pieces,
/// it would be torn from its own time by every pause.
struct SilenceClock {
  private struct Stand {
    let offset: Int64
    let since: Double
  }

  /// How far behind the clock a live stream's newest event may come, in milliseconds.
  private static let liveLag: Milliseconds = 60_000

  /// Milliseconds of silence that count.
  let idle: Int64
  private var ends: [TopicPartition: Stand] = [:]
  private var newest: (time: Milliseconds, isLive: Bool, since: Double)?
  private var lookedAt = -Double.infinity

  init(idle: Int64) {
    self.idle = idle
  }

  /// Looks a few times in the span of silence that counts.
  ///
  /// - Parameters:
  ///   - seconds: by a clock that never goes back.
  ///   - wall: the present, which event time never passes.
  /// - Returns: whether the worker wrote watermarks.
  mutating func look(at worker: Worker<JoinStage>, seconds: Double, wall: Milliseconds) throws -> Bool {
    guard seconds - lookedAt >= Double(idle) / 4_000 else { return false }
    lookedAt = seconds
    guard let time = worker.newestTime else { return false }
    if newest.map({ time > $0.time }) ?? true { newest = (time, wall - time <= Self.liveLag, seconds) }
    let found = try worker.readToEnd()
    ends = found.reduce(into: [:]) { stands, end in
      let known = ends[end.key]
      stands[end.key] = Stand(offset: end.value, since: known?.offset == end.value ? known?.since ?? seconds : seconds)
    }
    let silent = ends.filter { (seconds - $0.value.since) * 1_000 >= Double(idle) }
    guard !silent.isEmpty, let newest else { return false }
    let gone = newest.isLive ? Milliseconds((seconds - newest.since) * 1_000) : 0
    let passed = max(min(newest.time + gone, wall) - idle, Limits.earliestTime)
    return try worker.promise(passed: passed, by: Set(silent.keys))
  }
}

import Engine
import Events

/// Reads silence off the machine's clock.
struct SilenceClock {
  private var silence: Silence
  private var lookedAt = -Double.infinity

  /// - Parameter idle: milliseconds of silence that count.
  init(idle: Int64) {
    silence = Silence(idle: idle)
  }

  /// Looks a few times in the span of silence that counts.
  ///
  /// - Parameters:
  ///   - seconds: by a clock that never goes back.
  ///   - wall: the present, which event time never passes.
  /// - Returns: whether the worker wrote watermarks.
  mutating func look(at worker: Worker<JoinStage>, seconds: Double, wall: Milliseconds) throws -> Bool {
    guard seconds - lookedAt >= Double(silence.idle) / 4_000 else { return false }
    lookedAt = seconds
    guard let newest = worker.newestTime else { return false }
    let ends = try worker.readToEnd()
    let now = Milliseconds(seconds * 1_000)
    guard let told = silence.look(at: ends, newest: newest, now: now, wall: wall) else { return false }
    return try worker.promise(passed: told.passed, by: told.silent)
  }
}

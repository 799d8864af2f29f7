import Engine

/// The work on a run was told to stop: it begins anew, or goes on, when the run is carried out again.
struct RunInterrupted: Error {}

/// Until when a run may go on.
struct Deadline: Sendable {
  let seconds: Double
  let isStopping: @Sendable () -> Bool
  private let start: Double

  /// - Parameters:
  ///   - seconds: from now.
  ///   - spent: of them, before now.
  init(seconds: Double, spent: Double = 0, isStopping: @escaping @Sendable () -> Bool) {
    self.seconds = seconds
    self.isStopping = isStopping
    start = SteadyClock.seconds - spent
  }

  var left: Double { start + seconds - SteadyClock.seconds }

  /// - Throws: `RunInterrupted`, or a `TrainingFailure` past the quota.
  func check() throws {
    if isStopping() { throw RunInterrupted() }
    if left < 0 { throw TrainingFailure("given up: the run's quota is \(Figures.short(seconds)) s") }
  }
}

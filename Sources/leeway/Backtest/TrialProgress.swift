import Backtest
import Synchronization

/// How far policies have come that are tried at the same time, as one bar.
final class TrialProgress: Sendable {
  private struct State {
    var rows: [Int]
    var finished = 0
    let bar: ProgressBar
  }

  private let rows: Int?
  private let state: Mutex<State>

  /// Nil where there is nothing to draw it on.
  /// - Parameter rows: those that each policy is tried on; nil where nobody knows: then a policy counts when it is done.
  init?(rows: Int?, policies: Int, quiet: Bool) {
    guard !quiet, ProgressBar.isPossible else { return nil }
    self.rows = rows
    let bar = ProgressBar(total: (rows ?? 1) * policies, quiet: false)
    state = Mutex(State(rows: Array(repeating: 0, count: policies), bar: bar))
  }

  /// What is told of a policy's engine, told on.
  func observer(of policy: Int, _ observe: OutputObserver?) -> OutputObserver {
    { topic, record, row in
      self.note(policy, row)
      try observe?(topic, record, row)
    }
  }

  func finish(_ policy: Int) {
    state.withLock { state in
      state.finished += 1
      state.rows[policy] = rows ?? 1
      Self.draw(state)
    }
  }

  /// Before a line that is printed above the bar, and in the end.
  func clear() {
    state.withLock { $0.bar.clear() }
  }

  private func note(_ policy: Int, _ row: Int) {
    guard let rows else { return }
    state.withLock { state in
      state.rows[policy] = min(row, rows)
      Self.draw(state)
    }
  }

  private static func draw(_ state: State) {
    state.bar.update(state.rows.reduce(0, +), "\(state.finished) of \(state.rows.count) done")
  }
}

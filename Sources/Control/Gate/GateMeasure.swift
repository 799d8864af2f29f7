public import Models

/// What is lost on a row, as the gate compares it: bounded, since bets on unbounded losses prove nothing.
public enum GateMeasure: String, Hashable, Sendable, CaseIterable {
  /// Log loss in nats with probabilities clipped to 0.01…0.99; of several classes, the true one's. 0.01 to 4.61.
  case logLoss = "log_loss"
  /// 1 for a miss, 0 for a hit.
  case error
  /// min(|e|, c)/c of a regression, c being the cap; 0 to 1.
  case absoluteError = "absolute_error"
  /// Of a binary task, for the AUC: the share of the newest 50 rows of the other class that the row is ranked against
  /// wrongly, ties counted half; 0 to 1.
  case ranking

  /// What is compared where nothing else is asked for.
  public static func standard(for task: Task) -> GateMeasure {
    task == .regression ? .absoluteError : .logLoss
  }

  /// Whether the measure is one of the task's.
  public func fits(_ task: Task) -> Bool {
    switch self {
    case .logLoss, .error: task != .regression
    case .absoluteError: task == .regression
    case .ranking: task == .binary
    }
  }

  /// The cap of absolute errors: six times the median of the champion's on rows before those to be judged. Where half of
  /// them or more are 0 the mean serves instead, and 1 where all are.
  public static func cap(of errors: [Double]) -> Double {
    let sorted = errors.map(\.magnitude).filter(\.isFinite).sorted()
    guard !sorted.isEmpty else { return 1 }
    let median = sorted[sorted.count / 2]
    if median > 0 { return 6 * median }
    let mean = sorted.reduce(0) { $0 + $1 / Double(sorted.count) }
    return mean > 0 ? 6 * mean : 1
  }
}

/// What is lost on a judged row; more is worse, and nothing is below 0.
public enum LossMeasure: String, Hashable, Sendable, CaseIterable {
  /// With the true class's probability clipped to 0.01…0.99, so at most ln 100.
  case logLoss = "log_loss"
  /// 1 for a miss, 0 for a hit.
  case error
  /// Of a regression. No bound is known in advance.
  case absoluteError = "absolute_error"

  /// The largest loss that a row can show; nil where none is known.
  public var bound: Double? {
    switch self {
    case .logLoss: 4.605_170_185_988_092
    case .error: 1
    case .absoluteError: nil
    }
  }
}

import Models

/// How long a model takes to score, by the machine's clock.
enum ScoringTime {
  /// Nanoseconds a row, the least of three passes over the rows together; `nil` without rows.
  static func nanoseconds(of model: Model, _ rows: [Row]) -> Double? {
    guard !rows.isEmpty else { return nil }
    let passes = (0..<3).map { _ in
      let start = SteadyClock.seconds
      _ = model.predict(rows)
      return SteadyClock.seconds - start
    }
    return passes.min().map { $0 * 1e9 / Double(rows.count) }
  }
}

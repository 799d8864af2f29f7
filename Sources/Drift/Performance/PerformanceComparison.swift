import Sketches

/// The arithmetic of `PerformanceMonitor`: a window of judged panes, and the panes before it.
struct PerformanceComparison {
  let window: ArraySlice<JudgedPane>
  let history: ArraySlice<JudgedPane>

  /// Each version's rows against that version's own validation: excess = Σ n_v (mean_v − ref_v) / Σ n_v.
  /// Panes of versions without a validation loss are left out.
  func againstValidation(
    _ validations: [Int: Moments], _ measure: String, _ configuration: PerformanceConfiguration
  ) -> PerformanceEvidence? {
    let judged = window.filter { validations[$0.version] != nil }
    guard let first = judged.first, let end = judged.map(\.end).max() else { return nil }
    let versions = Set(judged.map(\.version)).sorted()
    var all = Moments()
    var mean = Moments()
    var reference = 0.0
    var referenceRows = 0
    var referenceNoise = 0.0
    for version in versions {
      guard let validation = validations[version] else { continue }
      let own = Self.merged(judged.filter { $0.version == version })
      let share = Double(own.count)
      mean.merge(own)
      all.merge(own)
      all.merge(validation)
      reference += share * validation.mean
      referenceNoise += share * share / Double(validation.count)
      referenceRows += validation.count
    }
    let rows = Double(mean.count)
    let correlation = correlation()
    let noise = correlation / rows + referenceNoise / (rows * rows)
    return evidence(
      measure, .validation, configuration, from: first.start, to: end, restsOn: first.start,
      versions: versions,
      window: mean, reference: reference / rows, referenceRows: referenceRows,
      variance: all.sampleVariance * noise, correlation: correlation)
  }

  /// The window's rows against all judged rows before it.
  func againstHistory(_ measure: String, _ configuration: PerformanceConfiguration)
    -> PerformanceEvidence?
  {
    guard let first = window.first, let end = window.map(\.end).max(), let oldest = history.first
    else { return nil }
    let current = Self.merged(window)
    let past = Self.merged(history)
    var all = current
    all.merge(past)
    let correlation = correlation()
    let noise = correlation * (1 / Double(current.count) + 1 / Double(past.count))
    return evidence(
      measure, .history, configuration, from: first.start, to: end, restsOn: oldest.start,
      versions: Set(window.map(\.version)).sorted(), window: current, reference: past.mean,
      referenceRows: past.count, variance: all.sampleVariance * noise, correlation: correlation)
  }

  private func evidence(
    _ measure: String, _ basis: PerformanceBasis, _ configuration: PerformanceConfiguration,
    from: Int64, to: Int64,
    restsOn: Int64, versions: [Int], window: Moments, reference: Double, referenceRows: Int,
    variance: Double,
    correlation: Double
  ) -> PerformanceEvidence {
    PerformanceEvidence(
      measure: measure, basis: basis, from: from, to: to, restsOnRowsFrom: restsOn,
      versions: versions,
      rows: window.count, referenceRows: referenceRows, mean: window.mean, reference: reference,
      standardError: variance.squareRoot(), correlation: correlation,
      tolerance: max(
        configuration.relativeTolerance * reference.magnitude, configuration.absoluteFloor),
      criticalZ: configuration.criticalZ,
      sufficient: window.count >= configuration.minimumRows
        && referenceRows >= configuration.minimumReferenceRows)
  }

  private static func merged(_ panes: some Sequence<JudgedPane>) -> Moments {
    panes.reduce(into: Moments()) { $0.merge($1.loss) }
  }

  /// Panes of history below which dependence is not estimated: fewer say too little.
  private static let panesToEstimate = 10

  /// The factor by which dependence between rows inflates the variance of a mean.
  ///
  /// Estimated from history alone, so that a change in the window does not hide itself: the long-run variance of the
  /// pane means (Bartlett's kernel, lag ⌊∛m⌋ of m panes; Newey and West 1987) over what independent rows would show.
  /// 1 unless the estimate exceeds what independent rows give by two of its standard errors, √(4(lag + 1) / 3m).
  private func correlation() -> Double {
    guard history.count >= Self.panesToEstimate else { return 1 }
    let past = Self.merged(history)
    let panes = history.map(\.loss)
    let inside = panes.reduce(0) { $0 + $1.m2 } / Double(max(past.count - panes.count, 1))
    guard inside > 0 else { return 1 }
    let scores = panes.map { ($0.mean - past.mean) * Double($0.count) }
    var lag = 1
    while (lag + 1) * (lag + 1) * (lag + 1) <= panes.count { lag += 1 }
    var longRun = scores.reduce(0) { $0 + $1 * $1 }
    for distance in 1...lag {
      let products = zip(scores, scores.dropFirst(distance)).reduce(0) { $0 + $1.0 * $1.1 }
      longRun += 2 * (1 - Double(distance) / Double(lag + 1)) * products
    }
    let ratio = longRun / (inside * Double(past.count))
    let standardError = (4 * Double(lag + 1) / (3 * Double(panes.count))).squareRoot()
    return ratio > 1 + 2 * standardError ? ratio : 1
  }
}

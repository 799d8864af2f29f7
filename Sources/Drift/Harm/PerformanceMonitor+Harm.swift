import Sketches

extension PerformanceMonitor {
  /// What the rows judged since `time` say of harm, on each basis that there is: against each version's own validation,
  /// and against the judged rows before `time`. Empty where nothing was judged since.
  ///
  /// `time` must not have been chosen by looking at these losses: the onset that a detector on features gives, or the
  /// moment at which a version was published. A moment at which the losses themselves seemed to rise makes the interval
  /// say too much. The interval holds at every look while the panes since `time` are kept: for `historyLength`. Linear in
  /// the number of panes.
  ///
  /// A loss without a known bound is taken to stay below four times the largest seen before `time` and in validation;
  /// a larger one is no harm to `harmful`, but no change is called benign then.
  public func harm(since time: Int64) -> [HarmAssessment] {
    let first = panes.firstIndex { $0.start >= time } ?? panes.endIndex
    let past = panes[..<first]
    let correlation = correlation(past) ?? 1
    return [
      assess(.validation, panes[first...].filter { validated($0, correlation) != nil }, past, correlation) {
        validated($0, correlation) ?? Moments()
      },
      assess(.history, Array(panes[first...]), past, correlation) { [sample = Self.merged(past)] _ in sample },
    ].compactMap { $0 }
  }

  private func validated(_ pane: JudgedPane, _ correlation: Double) -> Moments? {
    guard let validation = versions[pane.version]?.validation, suffices(validation, correlation) else { return nil }
    return validation
  }

  private static func merged(_ panes: some Sequence<JudgedPane>) -> Moments {
    panes.reduce(into: Moments()) { $0.merge($1.loss) }
  }

  private func assess(
    _ basis: PerformanceBasis, _ judged: [JudgedPane], _ past: ArraySlice<JudgedPane>, _ correlation: Double,
    reference: (JudgedPane) -> Moments
  ) -> HarmAssessment? {
    guard let since = judged.first?.start, let to = judged.map(\.end).max() else { return nil }
    let samples = judged.map(reference)
    guard samples.allSatisfy({ suffices($0, correlation) }) else { return nil }
    let yardsticks = samples.map {
      Yardstick($0, measure: measure, configuration: configuration, correlation: correlation)
    }
    let means = yardsticks.map(\.mean)
    guard let least = means.min(), let greatest = means.max() else { return nil }
    let largest = (samples + past.map(\.loss)).reduce(0) { max($0, $1.max) }
    let bound = measure.bound ?? max(4 * largest, configuration.absoluteFloor)
    var sequence = RiskSequence(references: least...greatest, bound: bound)
    for (pane, mean) in zip(judged, means) { sequence.add(pane.loss, reference: mean) }
    let loss = Self.merged(judged)
    // Half of what may fail goes to the rows, half to the yardstick; all assessments of a change share it.
    let alpha = configuration.harmAlpha / Double(2 * max(configuration.statistics, 1))
    var (low, high) = sequence.interval(alpha: alpha, correlation: correlation)
    let error = referenceError(judged, yardsticks, rows: Double(loss.count), shared: basis == .history)
    let margin = Normal.quantile(upper: alpha / 2) * (error * correlation).squareRoot()
    low -= margin
    high = loss.max <= bound ? high + margin : .infinity
    let mean = zip(judged, means).reduce(0) { $0 + Double($1.0.loss.count) * $1.1 } / Double(loss.count)
    let referenceRows = basis == .history ? samples[0].count : versionRows(judged)
    return HarmAssessment(
      measure: measure, basis: basis, since: since, to: to, rows: loss.count, referenceRows: referenceRows,
      mean: loss.mean, reference: mean, excessLow: low, excessHigh: high,
      tolerance: configuration.tolerance(over: mean),
      correlation: correlation, sufficient: loss.count >= configuration.minimumRows)
  }

  private func versionRows(_ judged: [JudgedPane]) -> Int {
    Set(judged.map(\.version)).reduce(0) { $0 + (versions[$1]?.validation.count ?? 0) }
  }

  /// Variance of the weighted mean of the yardsticks: one error per version, or one for all.
  private func referenceError(
    _ judged: [JudgedPane], _ yardsticks: [Yardstick], rows: Double, shared: Bool
  ) -> Double {
    var shares: [Int: (share: Double, yardstick: Yardstick)] = [:]
    for (pane, yardstick) in zip(judged, yardsticks) {
      let share = Double(pane.loss.count) / rows
      shares[shared ? 0 : pane.version, default: (0, yardstick)].share += share
    }
    return shares.sorted { $0.key < $1.key }.reduce(0) { sum, entry in
      let (share, yardstick) = entry.value
      return sum + share * share * yardstick.variance / yardstick.rows
    }
  }
}

public import Sketches

/// Judged panes of one model in order of prediction time, whatever versions served them, and what they say about its
/// performance.
///
/// Promise: while the rows' mean loss exceeds neither yardstick by more than is tolerated, an alarm comes after
/// `configuration.averageRunLength` judged rows on average or later, all measures and yardsticks together, however often
/// one looks. Panes come in order of prediction time and complete, so neither late labels nor their order matter.
///
/// The evidence goes on when a new version takes over: with versions following one another faster than a change shows,
/// evidence that began anew with each would never suffice. Only an alarm's own new version ends it (`forget(before:)`).
public struct PerformanceMonitor: Hashable, Sendable {
  public let measure: LossMeasure
  public let configuration: PerformanceConfiguration
  /// Oldest first, by start, then version. The newest are the window, those before are history.
  public internal(set) var panes: [JudgedPane] = []
  /// The versions among the panes.
  var versions: [Int: VersionRisk] = [:]
  var detectors = [RiseDetector](repeating: RiseDetector(), count: PerformanceBasis.allCases.count)
  /// Panes that start earlier are passed over, for they come late to what was forgotten.
  var forgotten: Int64?
  /// Start of the first pane since the beginning or the last `forget`, and the rows since then.
  var began: Int64?
  var rows = 0
  /// The dependence between rows that was known when the last alarm was forgotten: until there is history again, rows
  /// are taken to depend on each other as they did.
  var carried: Double?

  /// Nats beyond the threshold that evidence grows to, so that it fades soon after the loss has come down again.
  static let headroom = 3.0
  /// Beyond it rows are no longer counted, so that no sum overflows.
  static let mostRows = 1 << 60

  /// What is known of one version's risk.
  struct VersionRisk: Hashable {
    /// On its own validation rows.
    let validation: Moments
    /// On the judged rows that were held against it.
    var served = Moments()
  }

  public init(measure: LossMeasure, configuration: PerformanceConfiguration) {
    self.measure = measure
    self.configuration = configuration
  }

  /// Adds a pane; beyond `SketchLimits.panes` the oldest go. `validation` is the version's loss on its own validation rows, nil where it has none. Linear in the
  /// number of panes kept, about 15 ns each.
  ///
  /// - Returns: false for a pane older than the newest one, which is refused.
  public mutating func push(_ pane: JudgedPane, validation: Moments?) -> Bool {
    guard panes.last.map({ $0.start <= pane.start }) ?? true else { return false }
    guard pane.loss.count > 0, forgotten.map({ $0 <= pane.start }) ?? true else { return true }
    if versions[pane.version] == nil, let validation, validation.count > 0 {
      versions[pane.version] = VersionRisk(validation: validation)
    }
    compare(pane)
    began = began ?? pane.start
    rows += min(pane.loss.count, Self.mostRows - rows)
    if panes.count == SketchLimits.panes { panes.removeFirst(SketchLimits.panes / 16) }
    panes.append(pane)
    drop(before: Int64.subtractingClamped(cutoff(pane), configuration.historyLength))
    return true
  }

  /// Begins anew from the panes that start at `time` or later, those among them that are still to come included: an
  /// alarm's new version is judged on what it served. How much rows depend on each other stays known.
  public mutating func forget(before time: Int64) {
    let rest = panes.filter { $0.start >= time }
    let validations = versions.mapValues(\.validation)
    let known = panes.last.flatMap { correlation(panes[..<firstOfWindow(cutoff($0))]) } ?? carried
    self = PerformanceMonitor(measure: measure, configuration: configuration)
    carried = known
    forgotten = time
    for pane in rest { _ = push(pane, validation: validations[pane.version]) }
  }

  private mutating func compare(_ pane: JudgedPane) {
    let past = panes[..<firstOfWindow(cutoff(pane))]
    if let correlation = correlation(past) {
      if let version = versions[pane.version], let yardstick = yardstick(version, correlation) {
        update(.validation, pane, yardstick)
        versions[pane.version]?.served.merge(pane.loss)
      }
      if let yardstick = yardstick(past, correlation) {
        update(.history, pane, yardstick)
      }
    }
  }

  private mutating func update(_ basis: PerformanceBasis, _ pane: JudgedPane, _ yardstick: Yardstick) {
    detectors[basis == .validation ? 0 : 1].update(
      pane.loss, at: pane.start, against: yardstick, measure: measure,
      ceiling: configuration.threshold + Self.headroom)
  }

  /// How much rows depend on each other, nil while nobody knows: from history, so that a change in the window does not
  /// hide itself; before there is one, from all panes.
  func correlation(_ past: ArraySlice<JudgedPane>) -> Double? {
    let enough = past.count >= LossDependence.minimumPanes
    guard enough || panes.count >= LossDependence.minimumPanes else { return carried }
    let measured = LossDependence.factor(enough ? past : panes[...])
    return past.count >= 4 * LossDependence.minimumPanes ? measured : max(measured, carried ?? 1)
  }

  /// The version's validation and what it has served: an excess that lasts goes into the sample, which then shows less
  /// of it.
  private func yardstick(_ version: VersionRisk, _ correlation: Double) -> Yardstick? {
    guard suffices(version.validation, correlation) else { return nil }
    var sample = version.validation
    sample.merge(version.served)
    return Yardstick(
      sample, measure: measure, configuration: configuration,
      contrast: Double(version.validation.count) / Double(sample.count), correlation: correlation)
  }

  /// Nil where history is too short to be one, or to tell how its rows depend on each other.
  private func yardstick(_ past: ArraySlice<JudgedPane>, _ correlation: Double) -> Yardstick? {
    guard past.count >= LossDependence.minimumPanes else { return nil }
    let sample = past.reduce(into: Moments()) { $0.merge($1.loss) }
    guard suffices(sample, correlation) else { return nil }
    return Yardstick(sample, measure: measure, configuration: configuration, correlation: correlation)
  }

  /// Whether a sample is one to measure by: enough rows, and half as many left when those that depend on each other are
  /// counted once.
  func suffices(_ sample: Moments, _ correlation: Double) -> Bool {
    sample.count >= configuration.minimumReferenceRows
      && Double(sample.count) / correlation >= Double(configuration.minimumReferenceRows) / 2
  }

  private func cutoff(_ pane: JudgedPane) -> Int64 {
    Int64.subtractingClamped(pane.end, configuration.windowLength)
  }

  private func firstOfWindow(_ cutoff: Int64) -> Int {
    panes.firstIndex { $0.start >= cutoff } ?? panes.endIndex
  }

  private mutating func drop(before time: Int64) {
    guard let oldest = panes.first, oldest.start < time else { return }
    panes.removeAll { $0.start < time }
    let served = Set(panes.map(\.version))
    versions = versions.filter { served.contains($0.key) }
  }
}

extension PerformanceMonitor {
  /// The judged rows against each yardstick that there is, validation first. Linear in the number of panes.
  public func evidence() -> [PerformanceEvidence] {
    guard let newest = panes.last else { return [] }
    let first = firstOfWindow(cutoff(newest))
    let past = panes[..<first]
    let correlation = correlation(past) ?? 1
    let window = panes[min(first, panes.count - 1)].start
    let stretches = detectors.map { detector -> Int64 in
      guard detector.logStatistic >= configuration.threshold, let onset = detector.onset else { return window }
      return onset
    }
    return [againstValidation(from: stretches[0], correlation), againstHistory(past, from: stretches[1], correlation)]
      .compactMap { $0 }
  }

  private func againstHistory(
    _ past: ArraySlice<JudgedPane>, from start: Int64, _ correlation: Double
  ) -> PerformanceEvidence? {
    guard past.count >= LossDependence.minimumPanes else { return nil }
    let sample = past.reduce(into: Moments()) { $0.merge($1.loss) }
    return evidence(
      .history, panes.filter { $0.start >= start }, sample.mean, sample.count, correlation,
      suffices: suffices(sample, correlation))
  }

  private func againstValidation(from start: Int64, _ correlation: Double) -> PerformanceEvidence? {
    let judged = panes.filter {
      $0.start >= start && versions[$0.version] != nil
    }
    let rows = Double(judged.reduce(0) { $0 + $1.loss.count })
    guard rows > 0 else { return nil }
    let reference = judged.reduce(0) { sum, pane in
      sum + Double(pane.loss.count) / rows * (versions[pane.version]?.validation.mean ?? 0)
    }
    let referenceRows = Set(judged.map(\.version)).reduce(0) { $0 + (versions[$1]?.validation.count ?? 0) }
    let newest = panes.last.flatMap { versions[$0.version]?.validation }
    return evidence(
      .validation, judged, reference, referenceRows, correlation,
      suffices: newest.map { suffices($0, correlation) } ?? false)
  }

  private func evidence(
    _ basis: PerformanceBasis, _ judged: [JudgedPane], _ reference: Double, _ referenceRows: Int,
    _ correlation: Double, suffices: Bool
  ) -> PerformanceEvidence? {
    guard let from = judged.first?.start, let to = judged.map(\.end).max() else { return nil }
    let loss = judged.reduce(into: Moments()) { $0.merge($1.loss) }
    let detector = detectors[basis == .validation ? 0 : 1]
    return PerformanceEvidence(
      measure: measure, basis: basis, from: from, to: to, restsOnRowsFrom: began ?? from,
      versions: Set(judged.map(\.version)).sorted(), rows: loss.count, referenceRows: referenceRows, mean: loss.mean,
      reference: reference, tolerance: configuration.tolerance(over: reference),
      logEvidence: max(detector.logStatistic, 0),
      logThreshold: configuration.threshold, correlation: correlation, onset: detector.onset,
      sufficient: suffices && rows >= configuration.minimumRows)
  }
}

extension Int64 {
  /// The difference, or the nearest representable time.
  static func subtractingClamped(_ left: Int64, _ right: Int64) -> Int64 {
    let (difference, overflow) = left.subtractingReportingOverflow(right)
    return overflow ? (right > 0 ? .min : .max) : difference
  }
}

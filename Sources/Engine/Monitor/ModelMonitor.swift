import Drift
import Events
import Models
import Sketches

/// Everything Monitor knows of one model: a window per version, the judged rows, the trigger policy.
struct ModelMonitor {
  /// Versions whose windows are kept: rows of older ones still come in while a new one takes over.
  static let keptVersions = 8

  let configuration: ModelConfiguration
  var versions: [Int: VersionMonitor] = [:]
  var loss: PerformanceMonitor
  var error: PerformanceMonitor
  /// Judged panes with earlier predictions that some source partition has neither labelled nor let expire.
  var unsettled: [JudgedSummary] = []
  var policy: TriggerPolicy
  /// Labels judged since the beginning.
  var labels = 0
  /// Per source partition, the first example that the next trigger names.
  var firstFresh: [Int64] = []
  /// From which time on rows count as evidence of performance; moves when an alarm's new version is in service.
  var forgottenBefore: Milliseconds?

  init(configuration: ModelConfiguration) {
    self.configuration = configuration
    let regression = configuration.task == .regression
    let performance = configuration.monitor.performance
    loss = PerformanceMonitor(measure: regression ? "absolute_error" : "log_loss", configuration: performance)
    error = PerformanceMonitor(measure: regression ? "absolute_error" : "error", configuration: performance)
    policy = TriggerPolicy(configuration: configuration.monitor.triggers)
  }

  /// What one tick says about the model.
  struct Verdict {
    let drift: DriftRecord?
    let trigger: Trigger?
    /// Summaries that cannot be used, each with the reason.
    let refused: [(record: SummaryRecord, reason: String)]
  }

  /// - Parameters:
  ///   - records: this tick's summaries of the model, in order of source partition.
  ///   - numbers: which examples stand below which time.
  mutating func observe(_ records: [SummaryRecord], tick: Milliseconds, numbers: ExampleNumbers) -> Verdict {
    var refused: [(record: SummaryRecord, reason: String)] = []
    var moved = false
    for record in inOrder(records) {
      switch record {
      case .pane(let pane):
        if let fault = take(pane) { refused.append((record, fault)) } else { moved = true }
      case .judged(let pane): unsettled.append(pane)
      case .progress: break
      }
    }
    for pane in settle(by: numbers.resolved) where !take(pane) {
      refused.append((.judged(pane), "is older than what has been judged already"))
    }
    guard let version = versions.keys.max(), let current = versions[version] else {
      return Verdict(drift: nil, trigger: nil, refused: refused)
    }
    let report = moved ? current.report(version: version) : nil
    let evidence = loss.evidence() + (configuration.task == .regression ? [] : error.evidence())
    let decision = policy.observe(
      Observation(
        time: tick, version: version, publishedAt: current.published, drift: report, performance: evidence,
        labels: labels))
    forgetBeforeSwitch()
    let record = report.map {
      DriftRecord($0, model: configuration.name, time: tick, performance: evidence.map(PerformanceRecord.init))
    }
    return Verdict(
      drift: record, trigger: decision.map { trigger($0, drift: record, numbers: numbers) }, refused: refused)
  }

  /// By start, whatever the partition; partitions in order within.
  private func inOrder(_ records: [SummaryRecord]) -> [SummaryRecord] {
    records.enumerated().sorted { left, right in
      (left.element.start, left.offset) < (right.element.start, right.offset)
    }.map(\.element)
  }

  /// - Returns: why the pane cannot be used, if so.
  private mutating func take(_ pane: PaneSummary) -> String? {
    if versions[pane.version] == nil, let facts = pane.facts {
      versions[pane.version] = VersionMonitor(facts: facts, configuration: configuration.monitor)
      if versions.count > Self.keptVersions, let oldest = versions.keys.min() { versions[oldest] = nil }
    }
    if versions[pane.version] == nil {
      let known = versions.keys.min().map { "; the oldest one watched is \($0)" } ?? ""
      return "is of version \(pane.version), which is not watched\(known)"
    }
    return versions[pane.version]?.push(pane) == true ? nil : "does not fit its version's reference and window"
  }

  /// The judged panes that are complete in every source partition: in order of time, as requests came, and not in
  /// that of their labels.
  private mutating func settle(by resolved: Milliseconds) -> [JudgedSummary] {
    let settled = unsettled.filter { $0.end <= resolved }
    unsettled.removeAll { $0.end <= resolved }
    return settled.sorted { ($0.start, $0.version, $0.partition) < ($1.start, $1.version, $1.partition) }
  }

  private mutating func take(_ pane: JudgedSummary) -> Bool {
    labels = labels.addingReportingOverflow(pane.rows).partialValue
    let reference = versions[pane.version]?.reference
    func judged(_ moments: MomentsRecord?) -> JudgedPane {
      JudgedPane(version: pane.version, start: pane.start, end: pane.end, loss: Moments(moments))
    }
    let one = loss.push(judged(pane.loss), validation: reference?.loss)
    let other = error.push(judged(pane.error), validation: reference?.error)
    return one && other
  }

  private mutating func forgetBeforeSwitch() {
    guard let from = policy.evidenceFrom, from != forgottenBefore else { return }
    forgottenBefore = from
    loss.forget(before: from)
    error.forget(before: from)
  }

  private mutating func trigger(
    _ decision: TriggerDecision, drift: DriftRecord?, numbers: ExampleNumbers
  ) -> Trigger {
    let rows = RowSet(
      before: numbers.resolved,
      partitions: numbers.current.enumerated().map { partition, end in
        PartitionRows(
          partition: partition, first: partition < firstFresh.count ? firstFresh[partition] : 0, end: end)
      })
    firstFresh = numbers.settled
    var trigger = Trigger(
      id: "\(configuration.name)/\(decision.cause)/\(decision.attempt)", model: configuration.name,
      time: decision.time, rule: decision.rule.rawValue, cause: decision.cause, attempt: decision.attempt,
      version: decision.version, rows: rows, drift: decision.rule.isAlarm ? drift : nil)
    trigger.describe(decision.evidence, configuration.monitor.triggers)
    return trigger
  }
}

extension SummaryRecord {
  fileprivate var start: Milliseconds {
    switch self {
    case .pane(let pane): pane.start
    case .judged(let pane): pane.start
    case .progress(let progress): progress.tick
    }
  }
}

extension Trigger {
  fileprivate mutating func describe(_ evidence: TriggerEvidence, _ configuration: TriggerConfiguration) {
    switch evidence {
    case .performance(let evidence):
      (statistic, value, threshold) = (evidence.measure, evidence.mean, evidence.reference + evidence.tolerance)
    case .drift(let finding):
      (column, statistic) = (finding.column, finding.statistic.rawValue)
      (value, threshold) = (finding.value, finding.threshold)
    case .freshness(let age):
      (statistic, value, threshold) = ("age_ms", Double(age), configuration.freshness.map(Double.init))
    case .schedule(let elapsed):
      (statistic, value, threshold) = ("elapsed_ms", Double(elapsed), configuration.schedule.map(Double.init))
    case .volume(let labels):
      (statistic, value, threshold) = ("labels", Double(labels), configuration.volume.map(Double.init))
    }
  }
}

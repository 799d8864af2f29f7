import Drift
import Events
import Models
import Sketches

/// Everything Monitor knows of one model: a window per version, the judged rows, the trigger policy.
struct ModelMonitor {
  /// Versions whose windows are kept: rows of older ones still come in while a new one takes over.
  static let keptVersions = 8

  let configuration: ModelConfiguration
  /// By number.
  var versions: [VersionMonitor] = []
  /// One for each measure of the task.
  var performance: [PerformanceMonitor]
  /// What scores promise; one for each measure that scores can promise anything of.
  var estimates: [EstimateMonitor]
  /// Judged panes with earlier predictions that some source partition has neither labelled nor let expire.
  var unsettled: [JudgedSummary] = []
  var policy: TriggerPolicy
  /// Whether every window is reported; else those that a decision rests on.
  let reports: Bool
  /// Labels judged since the beginning.
  var labels = 0
  /// Per source partition, the first example that the next trigger names.
  var firstFresh: [Int64] = []
  /// From which time on rows count as evidence of performance; moves when an alarm's new version is in service.
  var forgottenBefore: Milliseconds?

  init(configuration: ModelConfiguration, reports: Bool = true) {
    self.configuration = configuration
    self.reports = reports
    let measures: [LossMeasure] = configuration.task == .regression ? [.absoluteError] : [.logLoss, .error]
    var performance = configuration.monitor.performance
    performance.statistics = PerformanceBasis.allCases.count * measures.count
    self.performance = measures.map { PerformanceMonitor(measure: $0, configuration: performance) }
    estimates = measures.filter { $0 != .absoluteError }.map {
      EstimateMonitor(measure: $0, windowLength: performance.windowLength)
    }
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
    let moved = take(records, refused: &refused)
    takeJudged(until: numbers.resolved, refused: &refused)
    guard let place = currentPlace else { return Verdict(drift: nil, trigger: nil, refused: refused) }
    if let alarm = versions[place].alarm, policy.rearms(alarm, at: tick) { versions[place].rearm() }
    let raised = versions[place].tick(tick)
    let alarm = versions[place].alarm
    let evidence = performance.flatMap { $0.evidence() }
    let risk = alarm.map { alarm in performance.flatMap { $0.harm(since: alarm.judgedFrom) } } ?? []
    var observation = Observation(
      time: tick, version: versions[place].number, publishedAt: versions[place].published, alarm: alarm,
      performance: evidence, harm: HarmVerdict(risk), labels: labels)
    let isRead = (moved || raised) && (reports || policy.readsReport(observation))
    let report = isRead ? versions[place].report() : nil
    observation.drift = report
    let decision = policy.observe(observation)
    forgetBeforeSwitch()
    let record = report.map { report in
      var record = DriftRecord(report, model: configuration.name, time: tick)
      record.performance = evidence.map(PerformanceRecord.init)
      let detector = versions[place].detector
      record.detector = DetectorRecord(detector.reading(), thinColumns: detector.thinColumns)
      record.risk = risk.map(RiskRecord.init)
      record.estimates = estimates.compactMap { $0.estimate.map(EstimateRecord.init) }
      return record
    }
    return Verdict(
      drift: record, trigger: decision.map { trigger($0, drift: record, numbers: numbers) }, refused: refused)
  }

  /// Where a version stands among those that are watched.
  func place(of version: Int) -> Int? { versions.indices.first { versions[$0].number == version } }

  /// The version in service: the newest one with rows within a window's length of the newest rows. Where a newer one was
  /// rolled back, that is an older one as soon as the other's rows lie that far behind.
  private var currentPlace: Int? {
    guard let end = versions.indices.map({ versions[$0].windowEnd }).max() else { return nil }
    let (start, overflow) = end.subtractingReportingOverflow(configuration.monitor.window)
    return versions.indices.last { overflow || versions[$0].windowEnd > start } ?? versions.indices.last
  }

  private mutating func forgetBeforeSwitch() {
    guard let from = policy.evidenceFrom, from != forgottenBefore else { return }
    forgottenBefore = from
    for index in performance.indices { performance[index].forget(before: from) }
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
      version: decision.version, harm: decision.rule.isAlarm ? decision.harm.rawValue : nil,
      onset: decision.evidence.onset, rows: rows, drift: decision.rule.isAlarm ? drift : nil)
    trigger.describe(decision.evidence, configuration.monitor.triggers)
    return trigger
  }
}

import Drift
import Events

extension DriftRecord {
  init(_ report: DriftReport, model: String, time: Milliseconds) {
    let columns = report.columns + [report.prediction].compactMap { $0 }
    self.init(
      model: model, version: report.version, time: time, windowStart: report.from, windowEnd: report.to,
      rows: report.rows, findings: columns.flatMap(\.findings).map(Finding.init),
      contributions: report.contributions.map { ColumnShare(column: $0.column, share: $0.share) },
      unseen: columns.filter { !$0.unseenLevels.isEmpty }.map { column in
        UnseenLevels(
          column: column.column, levels: column.unseenLevels.map { LevelCount(level: $0.level, count: $0.rows) })
      })
  }
}

extension Finding {
  init(_ finding: DriftFinding) {
    self.init(
      column: finding.column, statistic: finding.statistic.rawValue, value: finding.value, low: finding.low,
      high: finding.high, threshold: finding.threshold, critical: finding.critical,
      referenceRows: finding.referenceRows,
      rows: finding.currentRows, verdict: finding.verdict.rawValue)
  }
}

extension PerformanceRecord {
  init(_ evidence: PerformanceEvidence) {
    self.init(
      measure: evidence.measure.rawValue, basis: evidence.basis.rawValue, windowStart: evidence.from,
      windowEnd: evidence.to, rows: evidence.rows, referenceRows: evidence.referenceRows, mean: evidence.mean,
      reference: evidence.reference, tolerance: evidence.tolerance, logEvidence: evidence.logEvidence,
      logThreshold: evidence.logThreshold, correlation: evidence.correlation, onset: evidence.onset,
      degraded: evidence.fires)
  }
}

extension DetectorRecord {
  /// Contributing columns that a record names at most.
  static let namedColumns = 5

  init(_ reading: DetectorReading, thinColumns: [String]) {
    self.init(
      state: reading.state.rawValue, evidence: reading.evidence, onset: reading.onset,
      columns: reading.columns.prefix(Self.namedColumns).map { column in
        ColumnEvidenceRecord(
          column: column.shownName, share: column.share, change: column.change.word, bin: column.bin,
          onset: column.onset)
      },
      thinColumns: thinColumns)
  }
}

extension ColumnEvidence {
  /// As records name it.
  var shownName: String {
    switch role {
    case .prediction: ShownName.prediction
    case .loss: ShownName.loss
    case .column, .derived: column
    }
  }
}

extension RiskRecord {
  init(_ risk: HarmAssessment) {
    self.init(
      measure: risk.measure.rawValue, basis: risk.basis.rawValue, since: risk.since, until: risk.to, rows: risk.rows,
      mean: risk.mean, reference: risk.reference, excessLow: risk.excessLow, excessHigh: risk.excessHigh,
      tolerance: risk.tolerance, verdict: risk.verdict.rawValue)
  }
}

extension EstimateRecord {
  init(_ estimate: PerformanceEstimate) {
    self.init(
      measure: estimate.measure.rawValue, windowStart: estimate.from, windowEnd: estimate.to, rows: estimate.rows,
      estimate: estimate.estimate,
      matured: estimate.matured.map {
        Matured(windowStart: $0.from, windowEnd: $0.to, rows: $0.rows, estimate: $0.estimate, actual: $0.actual)
      })
  }
}

import Drift
import Events

extension DriftRecord {
  init(_ report: DriftReport, model: String, time: Milliseconds, performance: [PerformanceRecord]) {
    let columns = report.columns + [report.prediction].compactMap { $0 }
    self.init(
      model: model, version: report.version, time: time, windowStart: report.from, windowEnd: report.to,
      rows: report.rows, findings: columns.flatMap(\.findings).map(Finding.init),
      unseen: columns.filter { !$0.unseenLevels.isEmpty }.map { column in
        UnseenLevels(
          column: column.column, levels: column.unseenLevels.map { LevelCount(level: $0.level, count: $0.rows) })
      },
      performance: performance)
  }
}

extension Finding {
  init(_ finding: DriftFinding) {
    self.init(
      column: finding.column, statistic: finding.statistic.rawValue, value: finding.value,
      threshold: finding.threshold, critical: finding.critical, referenceRows: finding.referenceRows,
      rows: finding.currentRows, verdict: finding.verdict.rawValue)
  }
}

extension PerformanceRecord {
  init(_ evidence: PerformanceEvidence) {
    self.init(
      measure: evidence.measure, basis: evidence.basis.rawValue, windowStart: evidence.from, windowEnd: evidence.to,
      rows: evidence.rows, referenceRows: evidence.referenceRows, mean: evidence.mean, reference: evidence.reference,
      tolerance: evidence.tolerance, standardError: evidence.standardError, z: evidence.z, degraded: evidence.fires)
  }
}

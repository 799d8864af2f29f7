import Drift
import Events

extension Trigger {
  mutating func describe(_ evidence: TriggerEvidence, _ configuration: TriggerConfiguration) {
    switch evidence {
    case .performance(let evidence):
      (statistic, value, threshold) = (
        evidence.measure.rawValue, evidence.mean, evidence.reference + evidence.tolerance
      )
    case .drift(_, let finding?):
      (column, statistic) = (finding.column, finding.statistic.rawValue)
      (value, threshold) = (finding.value, finding.threshold)
    case .drift(let alarm, nil):
      (column, statistic) = (alarm.columns.first?.column, "log_evidence")
      (value, threshold) = (alarm.logEvidence, alarm.logThreshold)
    case .freshness(let age):
      (statistic, value, threshold) = ("age_ms", Double(age), configuration.freshness.map(Double.init))
    case .schedule(let elapsed):
      (statistic, value, threshold) = ("elapsed_ms", Double(elapsed), configuration.schedule.map(Double.init))
    case .volume(let labels):
      (statistic, value, threshold) = ("labels", Double(labels), configuration.volume.map(Double.init))
    }
  }
}

extension TriggerEvidence {
  /// From when on the rows are thought to be changed; nil for rules that do not ask.
  var onset: Milliseconds? {
    switch self {
    case .performance(let evidence): evidence.onset
    case .drift(let alarm, _): alarm.onset
    case .freshness, .schedule, .volume: nil
    }
  }
}

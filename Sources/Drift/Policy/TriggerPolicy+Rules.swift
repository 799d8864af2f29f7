extension TriggerPolicy {
  /// The evidence on which a rule holds, or nil where it does not.
  func evidence(for rule: TriggerRule, _ observation: Observation) -> TriggerEvidence? {
    switch rule {
    case .performance: performance(observation)
    case .drift: drift(observation)
    case .freshness: freshness(observation)
    case .schedule: schedule(observation)
    case .volume: volume(observation)
    }
  }

  private func performance(_ observation: Observation) -> TriggerEvidence? {
    guard configuration.onPerformance else { return nil }
    let firing = observation.performance.filter { $0.fires && isRecent($0.restsOnRowsFrom) }
    return firing.max { $0.z < $1.z }.map(TriggerEvidence.performance)
  }

  private func drift(_ observation: Observation) -> TriggerEvidence? {
    guard configuration.onDrift, let report = observation.drift, report.drifted,
      isRecent(report.from),
      lastAlarm.map({ Int64.subtractingClamped(observation.time, $0) >= configuration.driftSpacing }
      ) ?? true
    else { return nil }
    let findings = report.columns.flatMap(\.findings) + (report.prediction?.findings ?? [])
    return findings.filter(\.drifted).max { $0.strength < $1.strength }.map(TriggerEvidence.drift)
  }

  /// The version's age, unless a trigger since its publication already answered it.
  private func freshness(_ observation: Observation) -> TriggerEvidence? {
    guard let limit = configuration.freshness else { return nil }
    let age = Int64.subtractingClamped(observation.time, observation.publishedAt)
    return age >= limit && (!hasTriggered || elapsed(observation) >= limit)
      ? .freshness(age: age) : nil
  }

  private func schedule(_ observation: Observation) -> TriggerEvidence? {
    let elapsed = elapsed(observation)
    return configuration.schedule.flatMap { elapsed >= $0 ? .schedule(elapsed: elapsed) : nil }
  }

  private func volume(_ observation: Observation) -> TriggerEvidence? {
    let labels = observation.labels - lastLabels
    return configuration.volume.flatMap { labels >= $0 ? .volume(labels: labels) : nil }
  }

  private func elapsed(_ observation: Observation) -> Int64 {
    Int64.subtractingClamped(observation.time, lastTime ?? observation.time)
  }

  private func isRecent(_ time: Int64) -> Bool {
    evidenceFrom.map { time >= $0 } ?? true
  }
}

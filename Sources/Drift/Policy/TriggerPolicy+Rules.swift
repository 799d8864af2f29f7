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
    return firing.max { $0.margin < $1.margin }.map(TriggerEvidence.performance)
  }

  private func drift(_ observation: Observation) -> TriggerEvidence? {
    guard configuration.onDrift, let alarm = alarm(observation), isSpaced(observation.time) else { return nil }
    return drift(observation, alarm)
  }

  /// Whether drift may raise an alarm again.
  func isSpaced(_ time: Int64) -> Bool {
    lastAlarm.map { Int64.subtractingClamped(time, $0) >= configuration.driftSpacing } ?? true
  }

  /// The alarm of the version in service, raised since the last one's new version took over.
  private func alarm(_ observation: Observation) -> DriftAlarm? {
    observation.alarm.flatMap { $0.version == observation.version && isRecent($0.time) ? $0 : nil }
  }

  private func drift(_ observation: Observation, _ alarm: DriftAlarm) -> TriggerEvidence? {
    let report = observation.drift.flatMap { $0.drifted && isRecent($0.from) ? $0 : nil }
    if report == nil, configuration.driftRequires == .size { return nil }
    let findings = report.map { $0.columns.flatMap(\.findings) + ($0.prediction?.findings ?? []) } ?? []
    return .drift(alarm, findings.filter(\.drifted).max { $0.strength < $1.strength })
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

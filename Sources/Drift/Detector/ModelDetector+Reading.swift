import Sketches

extension ModelDetector {
  func reading(raised: Bool) -> DetectorReading {
    let statistic = statistic
    let state: DetectorReading.State =
      if isLatched { .alarm } else if statistic >= configuration.warningThreshold { .warning } else { .quiet }
    return DetectorReading(
      state: state, raised: raised, evidence: logarithm(statistic / configuration.threshold),
      columns: statistic > 0 ? evidenceOfColumns(total: statistic * Double(detectors.count)) : [])
  }

  private func evidenceOfColumns(total: Double) -> [ColumnEvidence] {
    let order = detectors.indices.sorted { (-detectors[$0].level, $0) < (-detectors[$1].level, $1) }
    return order.map { index in
      let detector = detectors[index]
      let bet = detector.leadingBet
      let change = detector.tables.changes[bet]
      return ColumnEvidence(
        column: detector.reference.name, role: watched[index],
        evidence: logarithm(detector.level / Double(detectors.count) / configuration.threshold),
        share: detector.level / total, change: change,
        bin: change.bin.map(detector.reference.binning.label), onset: detector[bet].onset)
    }
  }

  private func logarithm(_ ratio: Double) -> Double {
    ratio > 0 ? max(Elementary.log(ratio), -100) : -100
  }
}

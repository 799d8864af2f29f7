import Events

extension RandomRecords {
  mutating func gate() -> GateRecord {
    GateRecord(
      outcome: pick(GateOutcome.allCases), reason: text(),
      measure: pick(["log_loss", "error", "absolute_error", "ranking"]), rows: count(), shadowRows: count(),
      minimumRows: count(), challenger: positive(), champion: maybe { $0.positive() },
      difference: maybe { $0.interval() }, promotion: maybe { $0.evidence() }, rejection: maybe { $0.evidence() },
      segments: list(0...2) {
        SegmentGateRecord(
          segment: Segment(name: $0.name(), value: $0.text()), rows: $0.count(), champion: $0.positive(),
          challenger: $0.positive(), isProtected: $0.flag(), verdict: $0.pick(GateVerdict.allCases), alert: $0.flag(),
          evidence: $0.evidence())
      }, unfollowedRows: count(), fairness: list(0...2) { $0.fairness() },
      calibration: maybe {
        CalibrationRecord(
          challenger: $0.interval(), champion: $0.interval(), bias: $0.number(), limit: $0.maybe { $0.share() },
          verdict: $0.pick(GateVerdict.allCases))
      },
      golden: maybe {
        GoldenRecord(
          rows: $0.count(), champion: $0.positive(), challenger: $0.positive(), tolerance: $0.share(),
          verdict: $0.pick(GateVerdict.allCases))
      },
      canary: maybe {
        CanaryRecord(
          fallback: $0.version(), rows: $0.count(), previous: $0.positive(), current: $0.positive(),
          rollback: $0.evidence(), confirmation: $0.evidence(), verdict: $0.pick(CanaryVerdict.allCases))
      }, artifactBytes: maybe { $0.count() }, mostArtifactBytes: maybe { $0.count() })
  }

  /// Of which sometimes nothing is known.
  private mutating func interval() -> IntervalRecord {
    let isKnown = flag()
    return IntervalRecord(
      value: number(), low: isKnown ? number() : -.infinity, high: isKnown ? number() : .infinity,
      alpha: pick([0.05, 0.01]))
  }

  private mutating func evidence() -> EvidenceRecord {
    EvidenceRecord(
      tolerance: number(), firstRow: maybe { $0.count() }, gain: maybe { $0.number() }, mean: number(),
      deviation: positive(), dependence: 1 + positive(), logEvidence: number(),
      logThreshold: positive(), rowsNeeded: maybe { $0.count() })
  }

  private mutating func fairness() -> FairnessRecord {
    FairnessRecord(
      segment: name(), group: text(), other: text(),
      rate: pick(["positive_rate", "true_positive_rate", "false_positive_rate", "error_rate"]), groupRows: count(),
      otherRows: count(), gap: interval(), champion: interval(), limit: maybe { $0.share() },
      verdict: pick(GateVerdict.allCases))
  }
}

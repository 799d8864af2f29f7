import Events

extension RandomRecords {
  private static let statistics = [
    "psi", "jensen_shannon", "kullback_leibler", "hellinger", "total_variation", "cramers_v", "kolmogorov_smirnov",
    "wasserstein", "wasserstein_normalized", "energy_distance", "missing_rate", "out_of_range_rate",
    "new_category_rate",
  ]
  private static let measures = ["log_loss", "error", "absolute_error"]

  mutating func drift() -> DriftRecord {
    DriftRecord(
      model: name(), version: version(), time: bound(), windowStart: bound(), windowEnd: bound(), rows: count(),
      findings: list(0...3) {
        Finding(
          column: $0.name(), statistic: $0.pick(Self.statistics), value: $0.positive(), low: $0.positive(),
          high: $0.positive(), threshold: $0.positive(), critical: $0.positive(), referenceRows: $0.count(),
          rows: $0.count(),
          verdict: $0.pick(["drift", "clear", "undetermined"]))
      },
      contributions: list(0...2) { ColumnShare(column: $0.name(), share: $0.pick([1, 0.5, 1e-9])) },
      unseen: list(0...2) { UnseenLevels(column: $0.name(), levels: $0.levels(0...3)) },
      performance: list(0...2) {
        PerformanceRecord(
          measure: $0.pick(Self.measures), basis: $0.pick(["validation", "history"]), windowStart: $0.bound(),
          windowEnd: $0.bound(), rows: $0.count(), referenceRows: $0.count(), mean: $0.positive(),
          reference: $0.positive(), tolerance: $0.positive(), logEvidence: $0.positive(),
          logThreshold: $0.number(), correlation: 1 + $0.positive(),
          degraded: $0.flag())
      },
      detector: maybe { $0.detector() }, risk: list(0...2) { $0.risk() }, estimates: list(0...2) { $0.estimate() })
  }

  mutating func detector() -> DetectorRecord {
    DetectorRecord(
      state: pick(["quiet", "warning", "alarm"]), evidence: number(), onset: maybe { $0.bound() },
      columns: list(0...2) {
        ColumnEvidenceRecord(
          column: $0.name(), share: $0.share(), change: $0.pick(["higher", "shape", "new_category"]),
          bin: $0.maybe { $0.text() }, onset: $0.bound())
      }, thinColumns: list(0...2) { $0.name() })
  }

  mutating func risk() -> RiskRecord {
    RiskRecord(
      measure: pick(Self.measures), basis: pick(["validation", "history"]), since: bound(), until: bound(),
      rows: count(), mean: positive(), reference: positive(), excessLow: number(), excessHigh: number(),
      tolerance: positive(), verdict: pick(["harmful", "benign", "not_yet_known"]))
  }

  mutating func estimate() -> EstimateRecord {
    EstimateRecord(
      measure: pick(Self.measures), windowStart: bound(), windowEnd: bound(), rows: count(), estimate: positive(),
      matured: maybe {
        EstimateRecord.Matured(
          windowStart: $0.bound(), windowEnd: $0.bound(), rows: $0.count(), estimate: $0.positive(),
          actual: $0.positive())
      })
  }

  mutating func rows() -> RowSet {
    RowSet(
      from: maybe { $0.bound() }, before: bound(),
      partitions: list(0...3) {
        PartitionRows(partition: $0.count(), first: Int64($0.count()), end: Int64($0.count()))
      })
  }

  mutating func trigger() -> Trigger {
    let rule = pick(["performance", "drift", "freshness", "schedule", "volume", "manual"])
    var trigger = Trigger(
      id: name(), model: name(), time: bound(), rule: rule, cause: name(), attempt: version(), rows: rows())
    if rule == "manual" {
      trigger.version = maybe { $0.version() }
      trigger.reason = maybe { $0.text() }
      return trigger
    }
    (trigger.version, trigger.value, trigger.threshold) = (version(), number(), number())
    if ["drift", "performance"].contains(rule) {
      (trigger.harm, trigger.onset) = (maybe { $0.pick(["harmful", "benign", "not_yet_known"]) }, maybe { $0.bound() })
    }
    switch rule {
    case "drift": (trigger.column, trigger.statistic, trigger.drift) = (name(), pick(Self.statistics), drift())
    case "performance": (trigger.statistic, trigger.drift) = (pick(Self.measures), maybe { $0.drift() })
    case "freshness": trigger.statistic = "age_ms"
    case "schedule": trigger.statistic = "elapsed_ms"
    default: trigger.statistic = "labels"
    }
    return trigger
  }

  mutating func metrics() -> MetricsRecord {
    MetricsRecord(
      rows: count(), loss: positive(), accuracy: maybe { $0.share() }, logLoss: maybe { $0.positive() },
      auc: maybe { $0.share() }, mae: maybe { $0.positive() }, rmse: maybe { $0.positive() })
  }

  mutating func started() -> RunRecord {
    let parent = maybe { $0.version() }
    return .started(
      RunStarted(
        run: name(), model: name(), time: bound(), version: version(), parent: parent,
        parentArtifact: parent == nil ? nil : sha256(),
        champion: maybe { NamedVersion(version: $0.version(), artifact: $0.sha256()) },
        fallback: maybe { NamedVersion(version: $0.version(), artifact: $0.sha256()) }, contest: maybe { $0.sha256() },
        family: name(), seed: bits(), rows: rows(),
        referenceFrom: maybe { $0.bound() }, onset: maybe { $0.bound() }, holdout: pick([0.2, 0.5, 0.999])))
  }

  mutating func finished() -> RunRecord {
    let result = maybe {
      RunResult(
        artifact: $0.sha256(), artifactBytes: $0.count(), trainedRows: $0.count(), validatedRows: $0.count(),
        refusedRows: $0.count(), learned: $0.rows(), validated: $0.rows(), rowsHash: $0.sha256(),
        challenger: $0.metrics(), champion: $0.maybe { $0.metrics() }, difference: $0.maybe { $0.moments() },
        gate: $0.gate(), contest: $0.maybe { $0.sha256() }, reference: $0.reference(),
        unpairedRows: $0.maybe { $0.count() },
        reported: [ReportedFigure(name: "b", value: $0.positive()), ReportedFigure(name: "a", value: $0.positive())]
          .suffix($0.pick([0, 1, 2])))
    }
    return .finished(
      RunFinished(
        run: name(), model: name(), version: version(), failure: result == nil ? name() : nil, seconds: positive(),
        result: result))
  }

  mutating func requested() -> RunRecord {
    let kind = pick(RunRequest.Kind.allCases)
    return .requested(
      RunRequest(
        id: name(), model: name(), kind: kind,
        version: [.promote, .reject].contains(kind) ? version() : maybe { $0.version() },
        run: kind == .cancel ? name() : maybe { $0.name() }, champion: maybe { $0.version() }, who: name(),
        reason: text(), time: bound()))
  }

  mutating func model() -> ModelRecord {
    var record = ModelRecord(
      model: name(), version: version(), status: pick(ModelStatus.allCases), reason: text(), time: bound(),
      who: maybe { $0.name() }, request: maybe { $0.name() }, previous: maybe { $0.sha256() },
      parent: maybe { $0.version() }, trigger: maybe { $0.name() }, family: name(), task: task(), artifact: sha256(),
      configuration: text(), code: text(), seed: bits(), reference: maybe { $0.reference() })
    if flag() {
      (record.artifactBytes, record.trainedRows, record.rowsHash) = (count(), count(), sha256())
      (record.rows, record.challenger, record.champion) = (rows(), metrics(), metrics())
      record.difference = maybe { $0.moments() }
      record.gate = maybe { $0.gate() }
    }
    return record
  }

  mutating func deadLetter() -> DeadLetter {
    DeadLetter(
      topic: pick(["predictions", "labels", "features", "summaries", "triggers", "runs"]), partition: count(),
      offset: Int64(count()), code: pick(EventError.Code.allCases).rawValue, reason: name(), time: bound(),
      sample: text())
  }
}

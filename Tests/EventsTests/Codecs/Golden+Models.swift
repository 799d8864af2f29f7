import Events

extension Golden {
  private static let drift = DriftRecord(
    model: "m", version: 7, time: 20, windowStart: 0, windowEnd: 20, rows: 410,
    findings: [
      Finding(
        column: "age", statistic: "psi", value: 0.812, low: 0.75, high: 0.875, threshold: 0.25, critical: 1e-7,
        referenceRows: 100, rows: 410, verdict: "drift")
    ], contributions: [ColumnShare(column: "age", share: 1)],
    unseen: [UnseenLevels(column: "job", levels: [LevelCount(level: "astronaut", count: 3)])],
    performance: [
      PerformanceRecord(
        measure: "log_loss", basis: "validation", windowStart: 0, windowEnd: 10, rows: 380, referenceRows: 100,
        mean: 0.31, reference: 0.17, tolerance: 0.05, logEvidence: 16.25, logThreshold: 12.5, correlation: 1,
        degraded: true)
    ])
  private static let driftText = #"""
    {"model":"m","version":7,"time":20,"window_start":0,"window_end":20,"rows":410,"findings":[{"column":"age",\#
    "statistic":"psi","value":0.812,"low":0.75,"high":0.875,"threshold":0.25,"critical":1e-07,\#
    "reference_rows":100,"rows":410,"verdict":"drift"}],"contributions":[{"column":"age","share":1}],"unseen":[{"column":"job","levels":[{"level":"astronaut","count":3}]}],"performance":[\#
    {"measure":"log_loss","basis":"validation","window_start":0,"window_end":10,"rows":380,"reference_rows":100,\#
    "mean":0.31,"reference":0.17,"tolerance":0.05,"log_evidence":16.25,"log_threshold":12.5,"correlation":1,"degraded":true}]}
    """#

  private static let rows = RowSet(
    from: 1, before: 10, partitions: [PartitionRows(partition: 0, first: 2, end: 30)])
  private static let rowsText = #"{"from":1,"before":10,"partitions":[{"partition":0,"first":2,"end":30}]}"#

  private static let metrics = MetricsRecord(
    rows: 80, loss: 0.17, accuracy: 0.96, logLoss: 0.17, auc: 0.77, mae: 2, rmse: 3.5)
  private static let metricsText =
    #"{"rows":80,"loss":0.17,"accuracy":0.96,"log_loss":0.17,"auc":0.77,"mae":2,"rmse":3.5}"#

  private static let result = RunResult(
    artifact: "ab", artifactBytes: 6624, trainedRows: 320, validatedRows: 80, refusedRows: 1, learned: rows,
    validated: rows, rowsHash: "cd", challenger: metrics, champion: metrics, difference: moments, gate: gate,
    contest: "ef", reference: reference)

  private static let evidence = EvidenceRecord(
    tolerance: 0.02, mean: 0.05, deviation: 0.2, dependence: 1.5, logEvidence: 4, logThreshold: 3, rowsNeeded: 400)
  private static let evidenceText = #"""
    {"tolerance":0.02,"mean":0.05,"deviation":0.2,"dependence":1.5,"log_evidence":4,"log_threshold":3,\#
    "rows_needed":400}
    """#
  private static let lateEvidence = EvidenceRecord(
    tolerance: 0, firstRow: 500, gain: 0.25, mean: 0.05, deviation: 0.2, dependence: 1.5, logEvidence: 4,
    logThreshold: 3)
  private static let lateEvidenceText = #"""
    {"tolerance":0,"first_row":500,"gain":0.25,"mean":0.05,"deviation":0.2,"dependence":1.5,"log_evidence":4,\#
    "log_threshold":3}
    """#
  private static let interval = IntervalRecord(value: 0.25, low: -.infinity, high: 0.5, alpha: 0.05)
  private static let intervalText = #"{"value":0.25,"low":null,"high":0.5,"alpha":0.05}"#

  private static let gate = GateRecord(
    outcome: .promote, reason: "why", measure: "log_loss", rows: 900, shadowRows: 100, minimumRows: 500,
    challenger: 0.25, champion: 0.5, difference: interval, promotion: evidence, rejection: evidence,
    segments: [
      SegmentGateRecord(
        segment: Segment(name: "channel", value: "web"), rows: 80, champion: 0.5, challenger: 0.25, isProtected: true,
        verdict: .held, alert: false, evidence: evidence)
    ], unfollowedRows: 3,
    fairness: [
      FairnessRecord(
        segment: "sex", group: "f", other: "m", rate: "error_rate", groupRows: 40, otherRows: 60, gap: interval,
        champion: interval, limit: 0.1, verdict: .undetermined)
    ],
    calibration: CalibrationRecord(challenger: interval, champion: interval, bias: -0.5, limit: 0.2, verdict: .broken),
    golden: GoldenRecord(rows: 10, champion: 0.5, challenger: 0.25, tolerance: 0.05, verdict: .held),
    canary: CanaryRecord(
      fallback: 3, rows: 20, previous: 0.5, current: 0.25, rollback: lateEvidence, confirmation: evidence,
      verdict: .goOn),
    artifactBytes: 6624, mostArtifactBytes: 10000)
  private static let gateText = #"""
    {"outcome":"promote","reason":"why","measure":"log_loss","rows":900,"shadow_rows":100,"minimum_rows":500,\#
    "challenger":0.25,"champion":0.5,"difference":\#(intervalText),"promotion":\#(evidenceText),\#
    "rejection":\#(evidenceText),"segments":[{"name":"channel","value":"web","rows":80,"champion":0.5,\#
    "challenger":0.25,"protected":true,"verdict":"held","alert":false,"evidence":\#(evidenceText)}],\#
    "unfollowed_rows":3,"fairness":[{"segment":"sex","group":"f","other":"m","rate":"error_rate","group_rows":40,\#
    "other_rows":60,"gap":\#(intervalText),"champion":\#(intervalText),"limit":0.1,"verdict":"undetermined"}],\#
    "calibration":{"challenger":\#(intervalText),"champion":\#(intervalText),"bias":-0.5,"limit":0.2,\#
    "verdict":"broken"},"golden":{"rows":10,"champion":0.5,"challenger":0.25,"tolerance":0.05,"verdict":"held"},\#
    "canary":{"fallback":3,"rows":20,"previous":0.5,"current":0.25,"rollback":\#(lateEvidenceText),\#
    "confirmation":\#(evidenceText),"verdict":"go_on"},\#
    "artifact_bytes":6624,"most_artifact_bytes":10000}
    """#

  static let models = [
    Golden(record: drift, text: driftText),
    Golden(
      record: Trigger(
        id: "m/drift-7-20/1", model: "m", time: 20, rule: "drift", cause: "drift-7-20", attempt: 1, version: 7,
        column: "age", statistic: "psi", value: 0.812, threshold: 0.25, reason: "why", rows: rows, drift: drift),
      text: #"""
        {"id":"m/drift-7-20/1","model":"m","time":20,"rule":"drift","cause":"drift-7-20","attempt":1,"version":7,\#
        "column":"age","statistic":"psi","value":0.812,"threshold":0.25,"reason":"why","rows":\#(rowsText),\#
        "drift":\#(driftText)}
        """#),
    Golden(
      record: RunRecord.started(
        RunStarted(
          run: "m/drift-7-20/1", model: "m", time: 20, version: 8, parent: 7, parentArtifact: "ab",
          champion: NamedVersion(version: 6, artifact: "aa"), fallback: NamedVersion(version: 5, artifact: "bb"),
          contest: "cc", family: "mixture", seed: .max, rows: rows, referenceFrom: 0, holdout: 0.2)),
      text: #"""
        {"kind":"started","run":"m/drift-7-20/1","model":"m","time":20,"version":8,"parent":7,\#
        "parent_artifact":"ab","champion":{"version":6,"artifact":"aa"},"fallback":{"version":5,"artifact":"bb"},\#
        "contest":"cc","family":"mixture","seed":18446744073709551615,"rows":\#(rowsText),\#
        "reference_from":0,"holdout":0.2}
        """#),
    Golden(
      record: RunRecord.finished(
        RunFinished(run: "r", model: "m", version: 8, failure: "12 new rows", seconds: 0.002)),
      text: #"{"kind":"finished","run":"r","model":"m","version":8,"failure":"12 new rows","seconds":0.002}"#),
    Golden(
      record: RunRecord.finished(RunFinished(run: "r", model: "m", version: 8, seconds: 1, result: result)),
      text: #"""
        {"kind":"finished","run":"r","model":"m","version":8,"seconds":1,"result":{"artifact":"ab",\#
        "artifact_bytes":6624,"trained_rows":320,"validated_rows":80,"refused_rows":1,"learned":\#(rowsText),\#
        "validated":\#(rowsText),"rows_hash":"cd","challenger":\#(metricsText),"champion":\#(metricsText),\#
        "difference":\#(momentsText),"gate":\#(gateText),"contest":"ef","reference":\#(referenceText)}}
        """#),
    Golden(
      record: RunRecord.requested(
        RunRequest(
          id: "q", model: "m", kind: .rollback, version: 7, run: "r", champion: 8, who: "ada", reason: "why",
          time: 20)),
      text: #"""
        {"kind":"requested","id":"q","model":"m","request":"rollback","version":7,"run":"r","champion":8,\#
        "who":"ada","reason":"why","time":20}
        """#),
    Golden(
      record: ModelRecord(
        model: "m", version: 8, status: .rolledBack, reason: "why", time: 20, who: "ada", request: "q",
        previous: "ef", parent: 7, trigger: "t", family: "mixture", task: "binary", artifact: "ab",
        artifactBytes: 6624, challenger: metrics, champion: metrics, difference: moments, gate: gate, rows: rows,
        trainedRows: 320, rowsHash: "cd", configuration: "9c",
        code: "leeway 1", seed: 1, reference: reference),
      text: #"""
        {"model":"m","version":8,"status":"rolled_back","reason":"why","time":20,"who":"ada","request":"q",\#
        "previous":"ef","parent":7,"trigger":"t","family":"mixture","task":"binary","artifact":"ab","artifact_bytes":6624,\#
        "challenger":\#(metricsText),"champion":\#(metricsText),"difference":\#(momentsText),"gate":\#(gateText),"rows":\#(rowsText),\#
        "trained_rows":320,"rows_hash":"cd","configuration":"9c","code":"leeway 1","seed":1,\#
        "reference":\#(referenceText)}
        """#),
  ]
}

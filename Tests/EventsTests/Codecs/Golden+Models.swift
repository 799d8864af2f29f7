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
    heldOut: rows, rowsHash: "cd", challenger: metrics, champion: metrics, difference: moments, reference: reference)

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
          family: "mixture", seed: .max, rows: rows, referenceFrom: 0, holdout: 0.2)),
      text: #"""
        {"kind":"started","run":"m/drift-7-20/1","model":"m","time":20,"version":8,"parent":7,\#
        "parent_artifact":"ab","family":"mixture","seed":18446744073709551615,"rows":\#(rowsText),\#
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
        "held_out":\#(rowsText),"rows_hash":"cd","challenger":\#(metricsText),"champion":\#(metricsText),\#
        "difference":\#(momentsText),"reference":\#(referenceText)}}
        """#),
    Golden(
      record: ModelRecord(
        model: "m", version: 8, status: .rolledBack, reason: "why", time: 20, parent: 7, trigger: "t",
        family: "mixture", task: "binary", artifact: "ab", artifactBytes: 6624, challenger: metrics,
        champion: metrics, difference: moments, rows: rows, trainedRows: 320, rowsHash: "cd", configuration: "9c",
        code: "leeway 1", seed: 1, reference: reference),
      text: #"""
        {"model":"m","version":8,"status":"rolled_back","reason":"why","time":20,"parent":7,"trigger":"t",\#
        "family":"mixture","task":"binary","artifact":"ab","artifact_bytes":6624,\#
        "challenger":\#(metricsText),"champion":\#(metricsText),"difference":\#(momentsText),"rows":\#(rowsText),\#
        "trained_rows":320,"rows_hash":"cd","configuration":"9c","code":"leeway 1","seed":1,\#
        "reference":\#(referenceText)}
        """#),
  ]
}

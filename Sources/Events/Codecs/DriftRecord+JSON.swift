public import Bytes

extension DriftRecord: EventRecord {
  public static func decode(_ bytes: ByteSlice) throws(EventError) -> DriftRecord {
    try JSON.read(bytes) { (json) throws(EventError) in try DriftRecord(from: json) }
  }

  init(from json: JSON) throws(EventError) {
    self.init(
      model: try json.need("model").identifier(), version: try json.need("version").version(),
      time: try json.need("time").integer(), windowStart: try json.need("window_start").integer(),
      windowEnd: try json.need("window_end").integer(), rows: try json.need("rows").count(),
      findings: try json.need("findings").list(Finding.init(from:)),
      contributions: try json["contributions"]?.list(ColumnShare.init(from:)) ?? [],
      unseen: try json["unseen"]?.list(UnseenLevels.init(from:)) ?? [],
      performance: try json["performance"]?.list(PerformanceRecord.init(from:)) ?? [],
      detector: try json["detector"].map(DetectorRecord.init(from:)),
      risk: try json["risk"]?.list(RiskRecord.init(from:)) ?? [],
      estimates: try json["estimates"]?.list(EstimateRecord.init(from:)) ?? [])
  }

  public func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("model", model)
      writer.field("version", version)
      writer.field("time", time)
      writer.field("window_start", windowStart)
      writer.field("window_end", windowEnd)
      writer.field("rows", rows)
      writer.field("findings", each: findings) { $1.encode(to: &$0) }
      if !contributions.isEmpty { writer.field("contributions", each: contributions) { $1.encode(to: &$0) } }
      if !unseen.isEmpty { writer.field("unseen", each: unseen) { $1.encode(to: &$0) } }
      if !performance.isEmpty { writer.field("performance", each: performance) { $1.encode(to: &$0) } }
      if let detector {
        writer.name("detector")
        detector.encode(to: &writer)
      }
      if !risk.isEmpty { writer.field("risk", each: risk) { $1.encode(to: &$0) } }
      if !estimates.isEmpty { writer.field("estimates", each: estimates) { $1.encode(to: &$0) } }
    }
  }
}

extension Finding {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      column: try json.need("column").text(), statistic: try json.need("statistic").text(),
      value: try json.need("value").figure(), low: try json.need("low").figure(),
      high: try json.need("high").figure(), threshold: try json.need("threshold").figure(),
      critical: try json.need("critical").figure(), referenceRows: try json.need("reference_rows").count(),
      rows: try json.need("rows").count(), verdict: try json.need("verdict").identifier())
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("column", column)
      writer.field("statistic", statistic)
      writer.field("value", value)
      writer.field("low", low)
      writer.field("high", high)
      writer.field("threshold", threshold)
      writer.field("critical", critical)
      writer.field("reference_rows", referenceRows)
      writer.field("rows", rows)
      writer.field("verdict", verdict)
    }
  }
}

extension ColumnShare {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(column: try json.need("column").text(), share: try json.need("share").figure())
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("column", column)
      writer.field("share", share)
    }
  }
}

extension UnseenLevels {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      column: try json.need("column").text(), levels: try json.need("levels").list(LevelCount.init(from:)))
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("column", column)
      writer.levels("levels", levels)
    }
  }
}

extension PerformanceRecord {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      measure: try json.need("measure").identifier(), basis: try json.need("basis").identifier(),
      windowStart: try json.need("window_start").integer(), windowEnd: try json.need("window_end").integer(),
      rows: try json.need("rows").count(), referenceRows: try json.need("reference_rows").count(),
      mean: try json.need("mean").figure(), reference: try json.need("reference").figure(),
      tolerance: try json.need("tolerance").figure(), logEvidence: try json.need("log_evidence").figure(),
      logThreshold: try json.need("log_threshold").figure(), correlation: try json.need("correlation").figure(),
      onset: try json["onset"]?.integer(), degraded: try json.need("degraded").bool())
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("measure", measure)
      writer.field("basis", basis)
      writer.field("window_start", windowStart)
      writer.field("window_end", windowEnd)
      writer.field("rows", rows)
      writer.field("reference_rows", referenceRows)
      writer.field("mean", mean)
      writer.field("reference", reference)
      writer.field("tolerance", tolerance)
      writer.field("log_evidence", logEvidence)
      writer.field("log_threshold", logThreshold)
      writer.field("correlation", correlation)
      writer.field("onset", onset)
      writer.field("degraded", degraded)
    }
  }
}

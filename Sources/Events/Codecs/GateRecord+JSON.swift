extension GateRecord {
  init(from json: JSON) throws(EventError) {
    self.init(
      outcome: try json.need("outcome").word(), reason: try json.need("reason").text(),
      measure: try json.need("measure").identifier(), rows: try json.need("rows").count(),
      shadowRows: try json.need("shadow_rows").count(), minimumRows: try json.need("minimum_rows").count(),
      challenger: try json.need("challenger").figure(), champion: try json["champion"]?.number(),
      difference: try json["difference"].map(IntervalRecord.init(from:)),
      promotion: try json["promotion"].map(EvidenceRecord.init(from:)),
      rejection: try json["rejection"].map(EvidenceRecord.init(from:)),
      segments: try json["segments"]?.list(SegmentGateRecord.init(from:)) ?? [],
      unfollowedRows: try json["unfollowed_rows"]?.count() ?? 0,
      fairness: try json["fairness"]?.list(FairnessRecord.init(from:)) ?? [],
      calibration: try json["calibration"].map(CalibrationRecord.init(from:)),
      golden: try json["golden"].map(GoldenRecord.init(from:)),
      canary: try json["canary"].map(CanaryRecord.init(from:)), artifactBytes: try json["artifact_bytes"]?.count(),
      mostArtifactBytes: try json["most_artifact_bytes"]?.count())
  }

  /// As it stands in a record of `models`.
  public func encoded() -> [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    encode(to: &writer)
    return writer.bytes
  }

  func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("outcome", outcome.rawValue)
      writer.field("reason", reason)
      writer.field("measure", measure)
      writer.field("rows", rows)
      writer.field("shadow_rows", shadowRows)
      writer.field("minimum_rows", minimumRows)
      writer.field("challenger", challenger)
      writer.field("champion", champion)
      if let difference { writer.interval("difference", difference) }
      writer.evidence("promotion", promotion)
      writer.evidence("rejection", rejection)
      if !segments.isEmpty { writer.field("segments", each: segments) { $1.encode(to: &$0) } }
      if unfollowedRows > 0 { writer.field("unfollowed_rows", unfollowedRows) }
      if !fairness.isEmpty { writer.field("fairness", each: fairness) { $1.encode(to: &$0) } }
      if let calibration {
        writer.name("calibration")
        calibration.encode(to: &writer)
      }
      if let golden {
        writer.name("golden")
        golden.encode(to: &writer)
      }
      if let canary {
        writer.name("canary")
        canary.encode(to: &writer)
      }
      writer.field("artifact_bytes", artifactBytes)
      writer.field("most_artifact_bytes", mostArtifactBytes)
    }
  }
}

extension IntervalRecord {
  /// Bounds that are not finite are written as null: nothing is known.
  fileprivate init(from json: JSON) throws(EventError) {
    func bound(_ name: String, _ unknown: Double) throws(EventError) -> Double {
      let figure = try json.need(name).figure()
      return figure.isNaN ? unknown : figure
    }
    self.init(
      value: try json.need("value").figure(), low: try bound("low", -.infinity), high: try bound("high", .infinity),
      alpha: try json.need("alpha").number())
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("value", value)
      writer.field("low", low)
      writer.field("high", high)
      writer.field("alpha", alpha)
    }
  }
}

extension EvidenceRecord {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      tolerance: try json.need("tolerance").number(), firstRow: try json["first_row"]?.count(),
      gain: try json["gain"]?.number(), mean: try json.need("mean").number(),
      deviation: try json.need("deviation").number(), dependence: try json.need("dependence").number(),
      logEvidence: try json.need("log_evidence").number(), logThreshold: try json.need("log_threshold").number(),
      rowsNeeded: try json["rows_needed"]?.count())
  }
}

extension JSONWriter {
  fileprivate mutating func evidence(_ name: StaticString, _ evidence: EvidenceRecord?) {
    guard let evidence else { return }
    self.name(name)
    object { writer in
      writer.field("tolerance", evidence.tolerance)
      writer.field("first_row", evidence.firstRow)
      writer.field("gain", evidence.gain)
      writer.field("mean", evidence.mean)
      writer.field("deviation", evidence.deviation)
      writer.field("dependence", evidence.dependence)
      writer.field("log_evidence", evidence.logEvidence)
      writer.field("log_threshold", evidence.logThreshold)
      writer.field("rows_needed", evidence.rowsNeeded)
    }
  }

  fileprivate mutating func interval(_ name: StaticString, _ interval: IntervalRecord) {
    self.name(name)
    interval.encode(to: &self)
  }
}

extension SegmentGateRecord {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      segment: Segment(name: try json.need("name").identifier(), value: try json.need("value").text()),
      rows: try json.need("rows").count(), champion: try json.need("champion").number(),
      challenger: try json.need("challenger").number(), isProtected: try json.need("protected").bool(),
      verdict: try json.need("verdict").word(), alert: try json.need("alert").bool(),
      evidence: try EvidenceRecord(from: try json.need("evidence")))
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("name", segment.name)
      writer.field("value", segment.value)
      writer.field("rows", rows)
      writer.field("champion", champion)
      writer.field("challenger", challenger)
      writer.field("protected", isProtected)
      writer.field("verdict", verdict.rawValue)
      writer.field("alert", alert)
      writer.evidence("evidence", evidence)
    }
  }
}

extension FairnessRecord {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      segment: try json.need("segment").identifier(), group: try json.need("group").text(),
      other: try json.need("other").text(), rate: try json.need("rate").identifier(),
      groupRows: try json.need("group_rows").count(), otherRows: try json.need("other_rows").count(),
      gap: try IntervalRecord(from: try json.need("gap")),
      champion: try IntervalRecord(from: try json.need("champion")), limit: try json["limit"]?.number(),
      verdict: try json.need("verdict").word())
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("segment", segment)
      writer.field("group", group)
      writer.field("other", other)
      writer.field("rate", rate)
      writer.field("group_rows", groupRows)
      writer.field("other_rows", otherRows)
      writer.interval("gap", gap)
      writer.interval("champion", champion)
      writer.field("limit", limit)
      writer.field("verdict", verdict.rawValue)
    }
  }
}

extension CalibrationRecord {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      challenger: try IntervalRecord(from: try json.need("challenger")),
      champion: try IntervalRecord(from: try json.need("champion")), bias: try json.need("bias").number(),
      limit: try json["limit"]?.number(), verdict: try json.need("verdict").word())
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.interval("challenger", challenger)
      writer.interval("champion", champion)
      writer.field("bias", bias)
      writer.field("limit", limit)
      writer.field("verdict", verdict.rawValue)
    }
  }
}

extension GoldenRecord {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      rows: try json.need("rows").count(), champion: try json.need("champion").number(),
      challenger: try json.need("challenger").number(), tolerance: try json.need("tolerance").number(),
      verdict: try json.need("verdict").word())
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("rows", rows)
      writer.field("champion", champion)
      writer.field("challenger", challenger)
      writer.field("tolerance", tolerance)
      writer.field("verdict", verdict.rawValue)
    }
  }
}

extension CanaryRecord {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      fallback: try json.need("fallback").version(), rows: try json.need("rows").count(),
      previous: try json.need("previous").number(), current: try json.need("current").number(),
      rollback: try EvidenceRecord(from: try json.need("rollback")),
      confirmation: try EvidenceRecord(from: try json.need("confirmation")), verdict: try json.need("verdict").word())
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("fallback", fallback)
      writer.field("rows", rows)
      writer.field("previous", previous)
      writer.field("current", current)
      writer.evidence("rollback", rollback)
      writer.evidence("confirmation", confirmation)
      writer.field("verdict", verdict.rawValue)
    }
  }
}

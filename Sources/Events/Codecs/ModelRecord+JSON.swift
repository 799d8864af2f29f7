public import Bytes

extension ModelRecord: EventRecord {
  public static func decode(_ bytes: ByteSlice) throws(EventError) -> ModelRecord {
    try JSON.read(bytes) { (json) throws(EventError) in try ModelRecord(from: json) }
  }

  private init(from json: JSON) throws(EventError) {
    self.init(
      model: try json.need("model").identifier(), version: try json.need("version").version(),
      status: try json.need("status").word(), reason: try json.need("reason").text(),
      time: try json.need("time").integer(), who: try json["who"]?.identifier(),
      request: try json["request"]?.identifier(), previous: try json["previous"]?.identifier(),
      parent: try json["parent"]?.version(), trigger: try json["trigger"]?.identifier(),
      family: try json.need("family").text(), task: try json.need("task").text(),
      artifact: try json["artifact"]?.identifier(), artifactBytes: try json["artifact_bytes"]?.count(),
      challenger: try json["challenger"].map(MetricsRecord.init(from:)),
      champion: try json["champion"].map(MetricsRecord.init(from:)),
      difference: try MomentsRecord(json["difference"]), gate: try json["gate"].map(GateRecord.init(from:)),
      rows: try json["rows"].map(RowSet.init(from:)),
      trainedRows: try json["trained_rows"]?.count(), rowsHash: try json["rows_hash"]?.text(),
      configuration: try json.need("configuration").text(), code: try json.need("code").text(),
      seed: try json.need("seed").unsigned(), reference: try json["reference"].map(ReferenceRecord.init(from:)))
  }

  public func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("model", model)
      writer.field("version", version)
      writer.field("status", status.rawValue)
      writer.field("reason", reason)
      writer.field("time", time)
      writer.field("who", who)
      writer.field("request", request)
      writer.field("previous", previous)
      writer.field("parent", parent)
      writer.field("trigger", trigger)
      writer.field("family", family)
      writer.field("task", task)
      writer.field("artifact", artifact)
      writer.field("artifact_bytes", artifactBytes)
      writer.metrics("challenger", challenger)
      writer.metrics("champion", champion)
      writer.moments("difference", difference)
      if let gate {
        writer.name("gate")
        gate.encode(to: &writer)
      }
      encodeLineage(to: &writer)
    }
  }

  private func encodeLineage(to writer: inout JSONWriter) {
    if let rows {
      writer.name("rows")
      rows.encode(to: &writer)
    }
    writer.field("trained_rows", trainedRows)
    writer.field("rows_hash", rowsHash)
    writer.field("configuration", configuration)
    writer.field("code", code)
    writer.field("seed", seed)
    if let reference {
      writer.name("reference")
      reference.encode(to: &writer)
    }
  }
}

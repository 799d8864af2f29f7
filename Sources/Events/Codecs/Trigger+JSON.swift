public import Bytes

extension Trigger: EventRecord {
  public static func decode(_ bytes: ByteSlice) throws(EventError) -> Trigger {
    try JSON.read(bytes) { (json) throws(EventError) in try Trigger(from: json) }
  }

  private init(from json: JSON) throws(EventError) {
    self.init(
      id: try json.need("id").identifier(), model: try json.need("model").identifier(),
      time: try json.need("time").integer(), rule: try json.need("rule").identifier(),
      cause: try json.need("cause").identifier(), attempt: try json.need("attempt").version(),
      version: try json["version"]?.version(), column: try json["column"]?.text(),
      statistic: try json["statistic"]?.text(), value: try json["value"]?.number(),
      threshold: try json["threshold"]?.number(), reason: try json["reason"]?.text(),
      harm: try json["harm"]?.identifier(), onset: try json["onset"]?.integer(),
      rows: try RowSet(from: try json.need("rows")), drift: try json["drift"].map(DriftRecord.init(from:)))
  }

  public func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", id)
      writer.field("model", model)
      writer.field("time", time)
      writer.field("rule", rule)
      writer.field("cause", cause)
      writer.field("attempt", attempt)
      writer.field("version", version)
      writer.field("column", column)
      writer.field("statistic", statistic)
      writer.field("value", value)
      writer.field("threshold", threshold)
      writer.field("reason", reason)
      writer.field("harm", harm)
      writer.field("onset", onset)
      writer.name("rows")
      rows.encode(to: &writer)
      if let drift {
        writer.name("drift")
        drift.encode(to: &writer)
      }
    }
  }
}

extension RowSet {
  init(from json: JSON) throws(EventError) {
    self.init(
      from: try json["from"]?.integer(), before: try json.need("before").integer(),
      partitions: try json.need("partitions").list(PartitionRows.init(from:)))
  }

  func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("from", from)
      writer.field("before", before)
      writer.field("partitions", each: partitions) { $1.encode(to: &$0) }
    }
  }
}

extension PartitionRows {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      partition: try json.need("partition").count(), first: try json.need("first").integer(atLeast: 0),
      end: try json.need("end").integer(atLeast: 0))
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("partition", partition)
      writer.field("first", first)
      writer.field("end", end)
    }
  }
}

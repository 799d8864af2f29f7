extension DetectorRecord {
  init(from json: JSON) throws(EventError) {
    self.init(
      state: try json.need("state").identifier(), evidence: try json.need("evidence").figure(),
      onset: try json["onset"]?.integer(),
      columns: try json.need("columns").list(ColumnEvidenceRecord.init(from:)),
      thinColumns: try json["thin_columns"]?.list { (name) throws(EventError) in try name.text() } ?? [])
  }

  func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("state", state)
      writer.field("evidence", evidence)
      writer.field("onset", onset)
      writer.field("columns", each: columns) { $1.encode(to: &$0) }
      if !thinColumns.isEmpty { writer.field("thin_columns", each: thinColumns) { $0.value($1) } }
    }
  }
}

extension ColumnEvidenceRecord {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      column: try json.need("column").text(), share: try json.need("share").figure(),
      change: try json.need("change").identifier(), bin: try json["bin"]?.text(),
      onset: try json.need("onset").integer())
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("column", column)
      writer.field("share", share)
      writer.field("change", change)
      writer.field("bin", bin)
      writer.field("onset", onset)
    }
  }
}

extension ReferenceRecord {
  init(from json: JSON) throws(EventError) {
    self.init(
      rows: try json.need("rows").count(), provisional: try json.need("provisional").bool(),
      columns: try json.need("columns").list(ColumnReferenceRecord.init(from:)),
      prediction: try json["prediction"].map(ColumnReferenceRecord.init(from:)),
      loss: try MomentsRecord(json["loss"]), error: try MomentsRecord(json["error"]),
      lossColumn: try json["loss_column"].map(ColumnReferenceRecord.init(from:)),
      derived: try json["derived"]?.list(DerivedColumnRecord.init(from:)) ?? [],
      calibration: try json["calibration"]?.base64(), ordered: try json["ordered"]?.bool() ?? true)
  }

  func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("rows", rows)
      writer.field("provisional", provisional)
      writer.field("columns", each: columns) { $1.encode(to: &$0) }
      if let prediction {
        writer.name("prediction")
        prediction.encode(to: &writer)
      }
      writer.moments("loss", loss)
      writer.moments("error", error)
      if let lossColumn {
        writer.name("loss_column")
        lossColumn.encode(to: &writer)
      }
      if !derived.isEmpty { writer.field("derived", each: derived) { $1.encode(to: &$0) } }
      if let calibration { writer.field("calibration", Base64.encode(calibration)) }
      if !ordered { writer.field("ordered", false) }
    }
  }
}

extension DerivedColumnRecord {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      column: try ColumnReferenceRecord(from: try json.need("column")),
      derivation: try json.need("derivation").base64())
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.name("column")
      column.encode(to: &writer)
      writer.field("derivation", Base64.encode(derivation))
    }
  }
}

extension ColumnReferenceRecord {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      name: try json.need("name").text(),
      edges: try json["edges"]?.list { (edge) throws(EventError) in try edge.number() },
      levels: try json["levels"]?.list { (level) throws(EventError) in try level.text() },
      otherLevels: try json["other_levels"]?.list { (level) throws(EventError) in try level.text() } ?? [],
      otherLevelsIncomplete: try json["other_levels_incomplete"]?.bool() ?? false,
      counts: try json.need("counts").list { (count) throws(EventError) in try count.count() },
      missing: try json.need("missing").count(), moments: try MomentsRecord(json["moments"]),
      dependence: try json["dependence"]?.number() ?? 1)
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("name", name)
      if let edges { writer.field("edges", each: edges) { $0.value($1) } }
      if let levels { writer.field("levels", each: levels) { $0.value($1) } }
      if !otherLevels.isEmpty { writer.field("other_levels", each: otherLevels) { $0.value($1) } }
      if otherLevelsIncomplete { writer.field("other_levels_incomplete", true) }
      writer.field("counts", each: counts) { $0.value($1) }
      writer.field("missing", missing)
      writer.moments("moments", moments)
      if dependence != 1 { writer.field("dependence", dependence) }
    }
  }
}

extension VersionFacts {
  init(from json: JSON) throws(EventError) {
    self.init(
      published: try json.need("published").integer(), task: try json.need("task").text(),
      reference: try ReferenceRecord(from: try json.need("reference")))
  }

  func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("published", published)
      writer.field("task", task)
      writer.name("reference")
      reference.encode(to: &writer)
    }
  }
}

public import Bytes

extension SummaryRecord: EventRecord {
  private enum Kind: String, CaseIterable {
    case pane, judged, progress
  }

  public static func decode(_ bytes: ByteSlice) throws(EventError) -> SummaryRecord {
    try JSONScanner.read(bytes) { (scanner) throws(EventError) in
      switch try scanner.kind(Kind.self) {
      case .pane: .pane(try PaneSummary(from: &scanner))
      case .judged: .judged(try JudgedSummary(from: try scanner.tree()))
      case .progress: .progress(try Progress(from: try scanner.tree()))
      }
    }
  }

  public func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      switch self {
      case .pane(let pane):
        writer.field("kind", Kind.pane.rawValue)
        pane.encodeFields(to: &writer)
      case .judged(let judged):
        writer.field("kind", Kind.judged.rawValue)
        judged.encodeFields(to: &writer)
      case .progress(let progress):
        writer.field("kind", Kind.progress.rawValue)
        progress.encodeFields(to: &writer)
      }
    }
  }
}

extension JudgedSummary {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      model: try json.need("model").identifier(), version: try json.need("version").version(),
      partition: try json.need("partition").count(), tick: try json.need("tick").integer(),
      start: try json.need("start").integer(), end: try json.need("end").integer(),
      rows: try json.need("rows").count(), loss: try MomentsRecord(json["loss"]),
      lossBins: try json["loss_bins"]?.list { (count) throws(EventError) in try count.count() } ?? [],
      error: try MomentsRecord(json["error"]), label: try MomentsRecord(json["label"]),
      expired: try json.need("expired").count())
  }

  fileprivate func encodeFields(to writer: inout JSONWriter) {
    writer.field("model", model)
    writer.field("version", version)
    writer.field("partition", partition)
    writer.field("tick", tick)
    writer.field("start", start)
    writer.field("end", end)
    writer.field("rows", rows)
    writer.moments("loss", loss)
    if !lossBins.isEmpty { writer.field("loss_bins", each: lossBins) { $0.value($1) } }
    writer.moments("error", error)
    writer.moments("label", label)
    writer.field("expired", expired)
  }
}

extension Progress {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      partition: try json.need("partition").count(), tick: try json.need("tick").integer(),
      resolved: try json.need("resolved").integer(), nextSeq: try json.need("next_seq").integer(atLeast: 0),
      counts: try json.need("counts").list(ModelCounts.init(from:)))
  }

  fileprivate func encodeFields(to writer: inout JSONWriter) {
    writer.field("partition", partition)
    writer.field("tick", tick)
    writer.field("resolved", resolved)
    writer.field("next_seq", nextSeq)
    writer.field("counts", each: counts) { $1.encode(to: &$0) }
  }
}

extension ModelCounts {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      model: try json.need("model").identifier(), predictions: try json.need("predictions").count(),
      examples: try json.need("examples").count(),
      duplicatePredictions: try json.need("duplicate_predictions").count(),
      duplicateLabels: try json.need("duplicate_labels").count(),
      orphanLabels: try json.need("orphan_labels").count(), expired: try json.need("expired").count(),
      late: try json.need("late").count())
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("model", model)
      writer.field("predictions", predictions)
      writer.field("examples", examples)
      writer.field("duplicate_predictions", duplicatePredictions)
      writer.field("duplicate_labels", duplicateLabels)
      writer.field("orphan_labels", orphanLabels)
      writer.field("expired", expired)
      writer.field("late", late)
    }
  }
}

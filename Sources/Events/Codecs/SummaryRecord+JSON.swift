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
      case .progress: .progress(try Progress(from: &scanner))
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
  private enum Field: String, CaseIterable {
    case kind, partition, tick, resolved
    case nextSeq = "next_seq"
    case counts
    static let table = FieldTable<Field>()
  }

  fileprivate init(from scanner: inout JSONScanner) throws(EventError) {
    var partition: Int?
    var tick: Milliseconds?
    var resolved: Milliseconds?
    var nextSeq: Int64?
    var counts: [ModelCounts]?
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .kind: try scanner.skip()
      case .partition: partition = try scanner.count()
      case .tick: tick = try scanner.integer()
      case .resolved: resolved = try scanner.integer()
      case .nextSeq: nextSeq = try scanner.exampleNumber()
      case .counts: counts = try scanner.array { (scanner) throws(EventError) in try ModelCounts(from: &scanner) }
      }
    }
    self.init(
      partition: try object.need(.partition, partition), tick: try object.need(.tick, tick),
      resolved: try object.need(.resolved, resolved), nextSeq: try object.need(.nextSeq, nextSeq),
      counts: try object.need(.counts, counts))
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
  private enum Field: String, CaseIterable {
    case model, predictions, examples
    case duplicatePredictions = "duplicate_predictions"
    case duplicateLabels = "duplicate_labels"
    case orphanLabels = "orphan_labels"
    case expired, late
    static let table = FieldTable<Field>()
  }

  fileprivate init(from scanner: inout JSONScanner) throws(EventError) {
    var model: String?
    var predictions, examples, duplicatePredictions, duplicateLabels, orphanLabels, expired, late: Int?
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .model: model = try scanner.identifier()
      case .predictions: predictions = try scanner.count()
      case .examples: examples = try scanner.count()
      case .duplicatePredictions: duplicatePredictions = try scanner.count()
      case .duplicateLabels: duplicateLabels = try scanner.count()
      case .orphanLabels: orphanLabels = try scanner.count()
      case .expired: expired = try scanner.count()
      case .late: late = try scanner.count()
      }
    }
    self.init(
      model: try object.need(.model, model), predictions: try object.need(.predictions, predictions),
      examples: try object.need(.examples, examples),
      duplicatePredictions: try object.need(.duplicatePredictions, duplicatePredictions),
      duplicateLabels: try object.need(.duplicateLabels, duplicateLabels),
      orphanLabels: try object.need(.orphanLabels, orphanLabels), expired: try object.need(.expired, expired),
      late: try object.need(.late, late))
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

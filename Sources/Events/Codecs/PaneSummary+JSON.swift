import Bytes

extension PaneSummary {
  private enum Field: String, CaseIterable {
    case kind, model, version, partition, tick, start, end, rows, columns, prediction, derived, facts
    static let table = FieldTable<Field>()
  }

  init(from scanner: inout JSONScanner) throws(EventError) {
    var model: String?
    var version: Int?
    var partition: Int?
    var tick: Milliseconds?
    var start: Milliseconds?
    var end: Milliseconds?
    var rows: Int?
    var columns: [ColumnSummary]?
    var prediction: ColumnSummary?
    var derived: [ColumnSummary] = []
    var facts: VersionFacts?
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .kind: try scanner.skip()
      case .model: model = try scanner.identifier()
      case .version: version = try scanner.version()
      case .partition: partition = try scanner.count()
      case .tick: tick = try scanner.integer()
      case .start: start = try scanner.integer()
      case .end: end = try scanner.integer()
      case .rows: rows = try scanner.count()
      case .columns: columns = try ColumnSummary.array(from: &scanner)
      case .prediction:
        let bins = columns?.last?.bins.count ?? 0
        prediction = try scanner.skipNull() ? nil : try ColumnSummary(from: &scanner, bins: bins)
      case .derived: derived = try ColumnSummary.array(from: &scanner)
      case .facts: facts = try scanner.skipNull() ? nil : try VersionFacts(from: try scanner.tree())
      }
    }
    self.init(
      model: try object.need(.model, model), version: try object.need(.version, version),
      partition: try object.need(.partition, partition), tick: try object.need(.tick, tick),
      start: try object.need(.start, start), end: try object.need(.end, end), rows: try object.need(.rows, rows),
      columns: try object.need(.columns, columns), prediction: prediction, derived: derived, facts: facts)
  }

  func encodeFields(to writer: inout JSONWriter) {
    writer.field("model", model)
    writer.field("version", version)
    writer.field("partition", partition)
    writer.field("tick", tick)
    writer.field("start", start)
    writer.field("end", end)
    writer.field("rows", rows)
    writer.field("columns", each: columns) { $1.encode(to: &$0) }
    if let prediction {
      writer.name("prediction")
      prediction.encode(to: &writer)
    }
    if !derived.isEmpty { writer.field("derived", each: derived) { $1.encode(to: &$0) } }
    if let facts {
      writer.name("facts")
      facts.encode(to: &writer)
    }
  }
}

extension ColumnSummary {
  private enum Field: String, CaseIterable {
    case name, count, missing, invalid, moments, bins, unseen
    case unseenOther = "unseen_other"
    static let table = FieldTable<Field>()
  }

  /// Columns of a pane have much the same number of bins: room for those of the column before is room for most.
  fileprivate static func array(from scanner: inout JSONScanner) throws(EventError) -> [ColumnSummary] {
    var bins = 0
    return try scanner.array(isUniform: true) { (scanner) throws(EventError) in
      let column = try ColumnSummary(from: &scanner, bins: bins)
      bins = column.bins.count
      return column
    }
  }

  /// - Parameter expected: how many bins the column has, as far as one can tell.
  fileprivate init(from scanner: inout JSONScanner, bins expected: Int = 0) throws(EventError) {
    let start = scanner
    if let column = ColumnSummary(written: &scanner, bins: expected) {
      self = column
    } else {
      scanner = start
      try self.init(members: &scanner, bins: expected)
    }
  }

  /// A column without unseen levels, as `encode` writes it.
  @inline(__always)
  private init?(written scanner: inout JSONScanner, bins expected: Int) {
    guard scanner.depth <= Limits.depth - 2,
      scanner.take("{\"name\":"), let name = scanner.writtenText(),
      scanner.take(",\"count\":"), let count = scanner.writtenCount(),
      scanner.take(",\"missing\":"), let missing = scanner.writtenCount(),
      scanner.take(",\"invalid\":"), let invalid = scanner.writtenCount()
    else { return nil }
    var moments: MomentsRecord?
    if scanner.take(",\"moments\":") {
      moments = MomentsRecord(written: &scanner)
      if moments == nil { return nil }
    }
    guard scanner.take(",\"bins\":"), let bins = try? scanner.counts(reserving: expected), scanner.take("}") else {
      return nil
    }
    self.init(name: name, count: count, missing: missing, invalid: invalid, moments: moments, bins: bins)
  }

  /// Members in any order and form.
  private init(members scanner: inout JSONScanner, bins expected: Int) throws(EventError) {
    var name: String?
    var count: Int?
    var missing: Int?
    var invalid: Int?
    var moments: MomentsRecord?
    var bins: [Int]?
    var unseen: [LevelCount] = []
    var unseenOther = 0
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .name: name = try scanner.text()
      case .count: count = try scanner.count()
      case .missing: missing = try scanner.count()
      case .invalid: invalid = try scanner.count()
      case .moments: moments = try scanner.skipNull() ? nil : try MomentsRecord(from: &scanner)
      case .bins: bins = try scanner.counts(reserving: expected)
      case .unseen: unseen = try scanner.array { (scanner) throws(EventError) in try LevelCount(from: &scanner) }
      case .unseenOther: unseenOther = try scanner.count()
      }
    }
    self.init(
      name: try object.need(.name, name), count: try object.need(.count, count),
      missing: try object.need(.missing, missing), invalid: try object.need(.invalid, invalid), moments: moments,
      bins: try object.need(.bins, bins), unseen: unseen, unseenOther: unseenOther)
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("name", name)
      writer.field("count", count)
      writer.field("missing", missing)
      writer.field("invalid", invalid)
      writer.moments("moments", moments)
      writer.field("bins", each: bins) { $0.value($1) }
      if !unseen.isEmpty { writer.levels("unseen", unseen) }
      if unseenOther != 0 { writer.field("unseen_other", unseenOther) }
    }
  }
}

extension LevelCount {
  private enum Field: String, CaseIterable {
    case level, count
    static let table = FieldTable<Field>()
  }

  fileprivate init(from scanner: inout JSONScanner) throws(EventError) {
    var level: String?
    var count: Int?
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .level: level = try scanner.text()
      case .count: count = try scanner.count()
      }
    }
    self.init(level: try object.need(.level, level), count: try object.need(.count, count))
  }

  init(from json: JSON) throws(EventError) {
    self.init(level: try json.need("level").text(), count: try json.need("count").count())
  }
}

extension JSONWriter {
  mutating func levels(_ name: StaticString, _ levels: [LevelCount]) {
    field(name, each: levels) { writer, level in
      writer.object { writer in
        writer.field("level", level.level)
        writer.field("count", level.count)
      }
    }
  }
}

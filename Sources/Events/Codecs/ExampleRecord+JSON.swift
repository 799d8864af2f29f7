public import Bytes

extension ExampleRecord: EventRecord {
  private enum Kind: String, CaseIterable {
    case example, expired, resolved
  }

  public static func decode(_ bytes: ByteSlice) throws(EventError) -> ExampleRecord {
    try JSONScanner.read(bytes) { (scanner) throws(EventError) in
      switch try scanner.kind(Kind.self) {
      case .example: .example(try Example(from: &scanner))
      case .expired: .expired(try Expiry(from: &scanner))
      case .resolved: .resolved(try Resolved(from: &scanner))
      }
    }
  }

  public func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      switch self {
      case .example(let example):
        writer.field("kind", Kind.example.rawValue)
        example.encodeFields(to: &writer)
      case .expired(let expiry):
        writer.field("kind", Kind.expired.rawValue)
        expiry.encodeFields(to: &writer)
      case .resolved(let resolved):
        writer.field("kind", Kind.resolved.rawValue)
        resolved.encodeFields(to: &writer)
      }
    }
  }
}

extension Example {
  private enum Field: String, CaseIterable {
    case kind, seq, id, model, version, time
    case labelTime = "label_time"
    case features, prediction, label, segments
    static let table = FieldTable<Field>()
  }

  fileprivate init(from scanner: inout JSONScanner) throws(EventError) {
    var seq: Int64?
    var id: String?
    var model: String?
    var version: Int?
    var time: Milliseconds?
    var labelTime: Milliseconds?
    var features: [Feature]?
    var score: Score?
    var label: LabelValue?
    var segments: [Segment] = []
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .kind: try scanner.skip()
      case .seq: seq = try scanner.exampleNumber()
      case .id: id = try scanner.identifier(atMost: Limits.idBytes)
      case .model: model = try scanner.identifier()
      case .version: version = try scanner.optionalVersion()
      case .time: time = try scanner.time()
      case .labelTime: labelTime = try scanner.time()
      case .features: features = try scanner.features()
      case .prediction: score = try scanner.score()
      case .label: label = try scanner.labelValue()
      case .segments: segments = try scanner.skipNull() ? [] : try scanner.segments()
      }
    }
    if score != nil { _ = try object.need(.version, version) }
    self.init(
      seq: try object.need(.seq, seq), id: try object.need(.id, id), model: try object.need(.model, model),
      version: version, time: try object.need(.time, time), labelTime: try object.need(.labelTime, labelTime),
      features: try object.need(.features, features), score: score, label: try object.need(.label, label),
      segments: segments)
  }

  fileprivate func encodeFields(to writer: inout JSONWriter) {
    writer.field("seq", seq)
    writer.field("id", id)
    writer.field("model", model)
    writer.field("version", version)
    writer.field("time", time)
    writer.field("label_time", labelTime)
    writer.features(features)
    writer.score(score)
    writer.label(label)
    writer.segments(segments)
  }
}

extension Expiry {
  private enum Field: String, CaseIterable {
    case kind, id, model, version, time
    static let table = FieldTable<Field>()
  }

  fileprivate init(from scanner: inout JSONScanner) throws(EventError) {
    var id: String?
    var model: String?
    var version: Int?
    var time: Milliseconds?
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .kind: try scanner.skip()
      case .id: id = try scanner.identifier(atMost: Limits.idBytes)
      case .model: model = try scanner.identifier()
      case .version: version = try scanner.optionalVersion()
      case .time: time = try scanner.time()
      }
    }
    self.init(
      id: try object.need(.id, id), model: try object.need(.model, model), version: version,
      time: try object.need(.time, time))
  }

  fileprivate func encodeFields(to writer: inout JSONWriter) {
    writer.field("id", id)
    writer.field("model", model)
    writer.field("version", version)
    writer.field("time", time)
  }
}

extension Resolved {
  private enum Field: String, CaseIterable {
    case kind
    case upTo = "up_to"
    case nextSeq = "next_seq"
    static let table = FieldTable<Field>()
  }

  fileprivate init(from scanner: inout JSONScanner) throws(EventError) {
    var upTo: Milliseconds?
    var nextSeq: Int64?
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .kind: try scanner.skip()
      case .upTo: upTo = try scanner.integer()
      case .nextSeq: nextSeq = try scanner.exampleNumber()
      }
    }
    self.init(upTo: try object.need(.upTo, upTo), nextSeq: try object.need(.nextSeq, nextSeq))
  }

  fileprivate func encodeFields(to writer: inout JSONWriter) {
    writer.field("up_to", upTo)
    writer.field("next_seq", nextSeq)
  }
}

public import Bytes

extension Prediction: EventRecord {
  private enum Field: String, CaseIterable {
    case id, model, version, time, entity, features, prediction, segments
    static let table = FieldTable<Field>()
  }

  /// Reads either form, JSON or `BinaryEvent`.
  public static func decode(_ bytes: ByteSlice) throws(EventError) -> Prediction {
    if bytes.first == BinaryEvent.magic { return try BinaryEvent.decode(bytes) }
    return try JSONScanner.read(bytes) { (scanner) throws(EventError) in try Prediction(from: &scanner) }
  }

  /// A score needs the version that made it; `features` may be absent where they come from their own topic.
  private init(from scanner: inout JSONScanner) throws(EventError) {
    var id: String?
    var model: String?
    var version: Int?
    var time: Milliseconds?
    var entity: String?
    var features: [Feature] = []
    var score: Score?
    var segments: [Segment] = []
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .id: id = try scanner.identifier(atMost: Limits.idBytes)
      case .model: model = try scanner.identifier()
      case .version: version = try scanner.optionalVersion()
      case .time: time = try scanner.time()
      case .entity: entity = try scanner.optionalEntity()
      case .features: features = try scanner.skipNull() ? [] : try scanner.features()
      case .prediction: score = try scanner.score()
      case .segments: segments = try scanner.skipNull() ? [] : try scanner.segments()
      }
    }
    if score != nil { _ = try object.need(.version, version) }
    self.init(
      id: try object.need(.id, id), model: try object.need(.model, model), version: version,
      time: try object.need(.time, time), entity: entity, features: features, score: score, segments: segments)
  }

  public func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", id)
      writer.field("model", model)
      writer.field("version", version)
      writer.field("time", time)
      writer.field("entity", entity)
      writer.features(features)
      writer.score(score)
      writer.segments(segments)
    }
  }
}

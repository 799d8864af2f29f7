public import Bytes

extension FeatureUpdate: EventRecord {
  private enum Field: String, CaseIterable {
    case entity, time, features
    static let table = FieldTable<Field>()
  }

  public static func decode(_ bytes: ByteSlice) throws(EventError) -> FeatureUpdate {
    try JSONScanner.read(bytes) { (scanner) throws(EventError) in try FeatureUpdate(from: &scanner) }
  }

  private init(from scanner: inout JSONScanner) throws(EventError) {
    var entity: String?
    var time: Milliseconds?
    var features: [Feature]?
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .entity: entity = try scanner.identifier(atMost: Limits.idBytes)
      case .time: time = try scanner.time()
      case .features: features = try scanner.features()
      }
    }
    self.init(
      entity: try object.need(.entity, entity), time: try object.need(.time, time),
      features: try object.need(.features, features))
  }

  public func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("entity", entity)
      writer.field("time", time)
      writer.features(features)
    }
  }
}

public import Bytes

extension Label: EventRecord {
  private enum Field: String, CaseIterable {
    case prediction, model, time, label, entity
    static let table = FieldTable<Field>()
  }

  public static func decode(_ bytes: ByteSlice) throws(EventError) -> Label {
    try JSONScanner.read(bytes) { (scanner) throws(EventError) in try Label(from: &scanner) }
  }

  private init(from scanner: inout JSONScanner) throws(EventError) {
    var prediction: String?
    var model: String?
    var time: Milliseconds?
    var value: LabelValue?
    var entity: String?
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .prediction: prediction = try scanner.identifier(atMost: Limits.idBytes)
      case .model: model = try scanner.identifier()
      case .time: time = try scanner.time()
      case .label: value = try scanner.labelValue()
      case .entity: entity = try scanner.optionalEntity()
      }
    }
    self.init(
      prediction: try object.need(.prediction, prediction), model: try object.need(.model, model),
      time: try object.need(.time, time), value: try object.need(.label, value), entity: entity)
  }

  /// A label that is not finite is written as `null`, which no reader takes: it ends as a dead letter, not as a label.
  public func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("prediction", prediction)
      writer.field("model", model)
      writer.field("time", time)
      writer.label(value)
      writer.field("entity", entity)
    }
  }
}

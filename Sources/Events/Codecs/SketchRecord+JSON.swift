public import Bytes

extension SketchRecord: EventRecord {
  /// Of the record; the sketch's own form carries its own.
  private static let format = 1

  public static func decode(_ bytes: ByteSlice) throws(EventError) -> SketchRecord {
    try JSON.read(bytes) { (json) throws(EventError) in try SketchRecord(from: json) }
  }

  private init(from json: JSON) throws(EventError) {
    let format = try json.need("format")
    guard try format.count() == Self.format else {
      throw EventError(.outOfRange, at: format.position, "a sketch of another format than \(Self.format)")
    }
    self.init(
      kind: try json.need("kind").word(), model: try json.need("model").identifier(),
      version: try json.need("version").version(), partition: try json.need("partition").count(),
      start: try json.need("start").integer(), end: try json.need("end").integer(),
      column: try json.need("column").identifier(), rows: try json.need("rows").count(),
      sketch: try json.need("sketch").base64())
  }

  public func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("kind", kind.rawValue)
      writer.field("model", model)
      writer.field("version", version)
      writer.field("partition", partition)
      writer.field("start", start)
      writer.field("end", end)
      writer.field("column", column)
      writer.field("rows", rows)
      writer.field("format", Self.format)
      writer.field("sketch", Base64.encode(sketch))
    }
  }
}

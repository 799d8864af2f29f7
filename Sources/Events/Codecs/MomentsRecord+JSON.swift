import Bytes

extension MomentsRecord {
  private enum Field: String, CaseIterable {
    case count, mean, m2, min, max
    static let table = FieldTable<Field>()
  }

  init(from scanner: inout JSONScanner) throws(EventError) {
    var count: Int?
    var mean: Double?
    var m2: Double?
    var min: Double?
    var max: Double?
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .count: count = try scanner.count()
      case .mean: mean = try scanner.figure()
      case .m2: m2 = try scanner.figure()
      case .min: min = try scanner.figure()
      case .max: max = try scanner.figure()
      }
    }
    self.init(
      count: try object.need(.count, count), mean: try object.need(.mean, mean), m2: try object.need(.m2, m2),
      min: try object.need(.min, min), max: try object.need(.max, max))
  }

  /// As `moments` writes it.
  @inline(__always)
  init?(written scanner: inout JSONScanner) {
    guard scanner.take("{\"count\":"), let count = scanner.writtenCount(),
      scanner.take(",\"mean\":"), let mean = try? scanner.figure(),
      scanner.take(",\"m2\":"), let m2 = try? scanner.figure(),
      scanner.take(",\"min\":"), let min = try? scanner.figure(),
      scanner.take(",\"max\":"), let max = try? scanner.figure(), scanner.take("}")
    else { return nil }
    self.init(count: count, mean: mean, m2: m2, min: min, max: max)
  }

  init?(_ json: JSON?) throws(EventError) {
    guard let json else { return nil }
    self.init(
      count: try json.need("count").count(), mean: try json.need("mean").figure(), m2: try json.need("m2").figure(),
      min: try json.need("min").figure(), max: try json.need("max").figure())
  }
}

extension JSONWriter {
  mutating func moments(_ name: StaticString, _ moments: MomentsRecord?) {
    guard let moments else { return }
    self.name(name)
    object { writer in
      writer.field("count", moments.count)
      writer.field("mean", moments.mean)
      writer.field("m2", moments.m2)
      writer.field("min", moments.min)
      writer.field("max", moments.max)
    }
  }
}

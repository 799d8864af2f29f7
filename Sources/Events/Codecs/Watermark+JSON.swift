public import Bytes

extension Watermark: EventRecord {
  private enum Field: String, CaseIterable {
    case partition, time, offsets
    static let table = FieldTable<Field>()
  }

  public static func decode(_ bytes: ByteSlice) throws(EventError) -> Watermark {
    try JSONScanner.read(bytes) { (scanner) throws(EventError) in try Watermark(from: &scanner) }
  }

  private init(from scanner: inout JSONScanner) throws(EventError) {
    var partition: Int?
    var time: Milliseconds?
    var offsets: [TopicOffset]?
    var object = try ObjectReader(Field.table, &scanner)
    while let field = try object.next(&scanner) {
      switch field {
      case .partition: partition = try scanner.count()
      case .time: time = try scanner.time()
      case .offsets:
        offsets = try scanner.map(
          atMost: Limits.watermarkTopics, name: \.topic
        ) { (scanner, topic) throws(EventError) in
          TopicOffset(topic: topic, offset: try scanner.integer(atLeast: 0))
        }
      }
    }
    self.init(
      partition: try object.need(.partition, partition), time: try object.need(.time, time),
      offsets: try object.need(.offsets, offsets))
  }

  public func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("partition", partition)
      writer.field("time", time)
      writer.name("offsets")
      writer.object { writer in
        for offset in offsets {
          writer.name(text: offset.topic)
          writer.value(offset.offset)
        }
      }
    }
  }
}

public import Bytes

extension DeadLetter: EventRecord {
  public static func decode(_ bytes: ByteSlice) throws(EventError) -> DeadLetter {
    try JSON.read(bytes) { (json) throws(EventError) in
      DeadLetter(
        topic: try json.need("topic").identifier(), partition: try json.need("partition").count(),
        offset: try json.need("offset").integer(atLeast: -1), code: try json.need("code").identifier(),
        reason: try json.need("reason").text(), time: try json.need("time").integer(),
        sample: try json.need("sample").text())
    }
  }

  public func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("topic", topic)
      writer.field("partition", partition)
      writer.field("offset", offset)
      writer.field("code", code)
      writer.field("reason", reason)
      writer.field("time", time)
      writer.field("sample", sample)
    }
  }

  /// The first bytes of a record as text, for `sample`; what is not UTF-8 shows as U+FFFD.
  public static func sample(of value: ByteSlice?) -> String {
    String(decoding: (value ?? []).prefix(Limits.sampleBytes), as: UTF8.self)
  }
}

public import Bytes

extension TriggerPolicy {
  private static let format: UInt8 = 1

  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(latch) { writer, latch in
      writer.append(latch.cause)
      writer.append(signed: Int64(latch.version))
      writer.append(signed: latch.time)
      writer.append(count: latch.attempt)
    }
    writer.append(evidenceFrom) { $0.append(signed: $1) }
    writer.append(lastTime) { $0.append(signed: $1) }
    writer.append(lastAlarm) { $0.append(signed: $1) }
    writer.append(signed: Int64(lastLabels))
    writer.append(hasTriggered)
  }

  /// The state that `encode` wrote, under a configuration that comes from elsewhere.
  /// - Throws: `ByteError` for another format or counts out of range.
  public init(configuration: TriggerConfiguration, from reader: inout ByteReader) throws(ByteError) {
    self.init(configuration: configuration)
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a trigger policy of format \(format), where \(Self.format) is known")
    }
    latch = try reader.optional { reader throws(ByteError) in try Latch(from: &reader) }
    evidenceFrom = try reader.optional { reader throws(ByteError) in try reader.signed() }
    lastTime = try reader.optional { reader throws(ByteError) in try reader.signed() }
    lastAlarm = try reader.optional { reader throws(ByteError) in try reader.signed() }
    lastLabels = Int(try reader.signed())
    guard lastLabels >= 0 else { throw reader.failure("a negative count of labels") }
    hasTriggered = try reader.bool()
  }
}

extension TriggerPolicy.Latch {
  init(from reader: inout ByteReader) throws(ByteError) {
    cause = try reader.string()
    version = Int(try reader.signed())
    time = try reader.signed()
    attempt = try reader.index()
    guard 1...Int(UInt32.max) ~= attempt else { throw reader.failure("attempt \(attempt)") }
  }
}

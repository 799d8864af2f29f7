public import Bytes

extension DriftAlarm {
  public func encode(into writer: inout ByteWriter) {
    writer.append(signed: Int64(version))
    writer.append(signed: time)
    writer.append(signed: onset)
    writer.append(signed: judgedFrom)
    writer.append(logEvidence)
    writer.append(logThreshold)
    writer.append(columns) { writer, column in
      writer.append(column.column)
      writer.append(column.share)
      writer.append(column.change) { $0.append($1) }
    }
  }

  /// - Throws: `ByteError` for figures that no alarm has.
  public init(from reader: inout ByteReader) throws(ByteError) {
    version = Int(try reader.signed())
    time = try reader.signed()
    onset = try reader.signed()
    judgedFrom = try reader.signed()
    logEvidence = try reader.double()
    logThreshold = try reader.double()
    columns = try reader.array { reader throws(ByteError) in
      Contribution(
        column: try reader.string(), share: try reader.double(),
        change: try reader.optional { reader throws(ByteError) in try reader.string() })
    }
    guard logEvidence.isFinite, logThreshold.isFinite, columns.allSatisfy({ $0.share.isFinite }) else {
      throw reader.failure("evidence that no alarm has")
    }
  }
}

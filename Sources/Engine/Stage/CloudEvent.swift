public import Bytes
public import Events
public import Log

/// The attributes of a record that Leeway writes: CloudEvents 1.0 in binary mode, as Kafka headers.
public struct CloudEvent: Sendable {
  /// Unique within the source.
  public let id: String
  public let source: String
  /// The kind of record, such as `trigger`.
  public let kind: String
  public let time: Milliseconds

  public init(id: String, source: String, kind: String, time: Milliseconds) {
    self.id = id
    self.source = source
    self.kind = kind
    self.time = time
  }

  /// The record of such an event: its timestamp is the event's time.
  public func record(_ value: [UInt8], key: ByteSlice?) -> Record {
    Record(timestamp: time, key: key, value: value[...], headers: headers)
  }

  public var headers: [Header] {
    [
      Header("ce_specversion", "1.0"),
      Header("ce_id", id),
      Header("ce_source", source),
      Header("ce_type", "leeway.\(kind)"),
      Header("ce_time", RFC3339.format(time)),
    ]
  }
}

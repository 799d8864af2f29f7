import Events
import Log

/// The attributes of a record that Leeway writes: CloudEvents 1.0 in binary mode, as Kafka headers.
struct CloudEvent {
  /// Unique within the source.
  let id: String
  let source: String
  /// The kind of record, such as `trigger`.
  let kind: String
  let time: Milliseconds

  var headers: [Header] {
    [
      Header("ce_specversion", "1.0"),
      Header("ce_id", id),
      Header("ce_source", source),
      Header("ce_type", "leeway.\(kind)"),
      Header("ce_time", RFC3339.format(time)),
    ]
  }
}

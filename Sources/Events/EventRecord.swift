public import Bytes

/// A record type with a contract in `topics/`. Decoding ignores fields that it does not know; it refuses fields that are
/// missing, of the wrong type or there twice. Encoding is deterministic: same value, same bytes.
public protocol EventRecord: Hashable, Sendable {
  /// Reads one JSON text that fills `bytes` from end to end. Time is linear in the length; never traps.
  static func decode(_ bytes: ByteSlice) throws(EventError) -> Self
  /// Appends the record as one JSON object without blanks.
  func encode(to writer: inout JSONWriter)
}

extension EventRecord {
  public static func decode(_ bytes: [UInt8]) throws(EventError) -> Self {
    try decode(bytes[...])
  }

  /// Reads a record's value as the log delivers it; a tombstone is a `null_value`.
  public static func decode(value: ByteSlice?) throws(EventError) -> Self {
    guard let value else { throw EventError(.nullValue, at: 0, "the record has no value") }
    return try decode(value)
  }

  public func encoded() -> [UInt8] {
    var writer = JSONWriter(reserving: 512)
    encode(to: &writer)
    return writer.bytes
  }
}

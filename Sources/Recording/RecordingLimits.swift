/// What a recording holds at most, and how it is cut.
public enum RecordingLimits {
  /// Bytes of a record's key, value and headers.
  public static let recordBytes = 128 << 20
  /// Headers of a record.
  public static let recordHeaders = 1 << 16
  /// Topics of a recording.
  public static let topics = 1 << 12
  /// Partitions of all topics together.
  public static let partitions = 1 << 17
  /// Bytes of a topic's name.
  public static let nameBytes = 255

  /// Bytes of content after which a frame is full: small enough to stay in a core's cache while it is read.
  static let frameBytes = 256 << 10
  /// Records after which a frame is full.
  static let frameRecords = 4_096
  /// Headers of a frame's records: without its last record it is not full, and a header takes two bytes of it at least.
  static let frameHeaders = frameBytes / 2 + recordHeaders
  /// Bytes of a frame's body: what a largest record needs.
  static let bodyBytes = recordBytes + (8 << 20)
}

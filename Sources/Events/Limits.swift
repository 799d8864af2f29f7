/// What one record may hold. Everything beyond is refused with `too_large` or `too_deep`, so that a hostile record
/// costs a bounded amount of time and memory.
public enum Limits {
  /// Bytes of a record's value: 16 MiB.
  public static let recordBytes = 16 * 1024 * 1024
  /// Objects and arrays inside each other.
  public static let depth = 64
  /// Features of one event.
  public static let features = 2_000
  /// Segments of one event.
  public static let segments = 64
  /// Class probabilities of one prediction.
  public static let probabilities = 10_000
  /// Topics that one watermark speaks of.
  public static let watermarkTopics = 64
  /// UTF-8 bytes of the id of a prediction or an entity.
  public static let idBytes = 512
  /// UTF-8 bytes of the name of a model, feature, segment or topic.
  public static let nameBytes = 256
  /// UTF-8 bytes of a category, class or segment value.
  public static let textBytes = 65_536
  /// Bytes of one number: the longest exact decimal form of a double has about 1,080.
  public static let numberBytes = 1_100
  /// The number of an example in its partition: far from where numbers end, so that one more is always a number.
  public static let exampleNumber = Int64(1) << 62
  /// Bytes of a refused record that its dead letter shows.
  public static let sampleBytes = 256
  /// Pieces of one artifact or checkpoint.
  public static let chunks = 1_000_000

  /// 0001-01-01T00:00:00Z, the earliest time that an event from outside may carry.
  public static let earliestTime: Milliseconds = -62_135_596_800_000
  /// 9999-12-31T23:59:59.999Z, the latest.
  public static let latestTime: Milliseconds = 253_402_300_799_999
}

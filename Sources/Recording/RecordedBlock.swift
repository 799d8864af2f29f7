public import Log

/// Records of a recording in their order, some thousands at a time.
public struct RecordedBlock: Sendable {
  /// Records of one place that follow one another.
  public struct Run: Equatable, Sendable {
    /// The number of the partition in `RecordedTopics.places`.
    public let place: Int
    /// Where they are in the block's `records`.
    public let range: Range<Int>
  }

  /// Their bytes share the block's storage.
  public let records: [StoredRecord]
  /// These cover all records, in order.
  public let runs: [Run]
}

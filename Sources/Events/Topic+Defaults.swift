extension Topic {
  /// The setting that says how many partitions a topic has.
  public enum PartitionSetting: String, Sendable {
    /// Topics of events. Topics that join have the same number.
    case events = "topics.partitions"
    /// Topics that are keyed by model.
    case models = "topics.model_partitions"
  }

  /// `nil`: always one partition.
  public var partitionSetting: PartitionSetting? {
    switch self {
    case .predictions, .labels, .features, .watermarks, .examples: .events
    case .summaries, .sketches, .drift, .triggers, .runs, .models: .models
    case .artifacts, .checkpoints, .deadletters: nil
    }
  }

  /// Partitions where the configuration says nothing.
  public var defaultPartitions: Int { partitionSetting == .events ? 4 : 1 }

  /// How long records are kept at least; `nil`: for good.
  public var retention: Milliseconds? {
    switch self {
    case .predictions, .labels, .features, .watermarks: 30 * 86_400_000
    case .sketches: 7 * 86_400_000
    default: nil
    }
  }

  /// Only the newest record of each key must stay.
  public var isCompacted: Bool { self == .checkpoints }
}

extension Topic {
  /// Partitions where the configuration says nothing. Topics that join have the same number.
  public var defaultPartitions: Int {
    switch self {
    case .predictions, .labels, .features, .watermarks, .examples: 4
    default: 1
    }
  }

  /// How long records stay where the configuration says nothing; `nil`: for good.
  public var defaultRetention: Milliseconds? {
    switch self {
    case .predictions, .labels, .features, .watermarks, .deadletters: Self.day * 30
    case .summaries, .sketches: Self.day * 90
    case .examples, .drift: Self.day * 365
    case .triggers, .runs, .models, .artifacts, .checkpoints: nil
    }
  }

  /// Only the newest record of each key must stay.
  public var isCompacted: Bool {
    self == .artifacts || self == .checkpoints
  }

  private static let day: Milliseconds = 86_400_000
}

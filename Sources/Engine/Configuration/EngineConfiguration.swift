public import Events

/// Everything that decides what the engine makes of its input.
public struct EngineConfiguration: Sendable {
  public var names: TopicNames
  /// Partitions of predictions, labels, features, watermarks and examples.
  public var inputPartitions: Int
  /// Partitions of the topics that are keyed by model.
  public var modelPartitions: Int
  public var intake: IntakeConfiguration
  public var models: [ModelConfiguration]
  /// Names this configuration in records and snapshots: a hash of its text.
  public var fingerprint: String
  /// Names the program in records.
  public var code: String

  public init(
    names: TopicNames = TopicNames(), inputPartitions: Int = 4, modelPartitions: Int = 1,
    intake: IntakeConfiguration = IntakeConfiguration(), models: [ModelConfiguration], fingerprint: String = "",
    code: String = "leeway"
  ) {
    self.names = names
    self.inputPartitions = max(inputPartitions, 1)
    self.modelPartitions = max(modelPartitions, 1)
    self.intake = intake
    self.models = models
    self.fingerprint = fingerprint
    self.code = code
  }

  public func model(named name: String) -> ModelConfiguration? {
    models.first { $0.name == name }
  }

  public func partitions(of topic: Topic) -> Int {
    switch topic.partitionSetting {
    case .events: inputPartitions
    case .models: modelPartitions
    case nil: 1
    }
  }
}

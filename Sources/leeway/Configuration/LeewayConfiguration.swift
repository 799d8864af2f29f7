import Engine

/// Everything that a configuration file can say. The initial values are the defaults: the engine's
/// own, where it has one. `config/leeway.yaml` shows them.
struct LeewayConfiguration: Equatable {
  var log = LogSection()
  var topics = TopicsSection()
  var time = TimeSection()
  var engine = EngineSection()
  /// The monitoring of every model that does not say otherwise.
  var monitor = MonitorSection()
  /// The training of every model that does not say otherwise.
  var train = TrainSection()
  /// The gate of every model that does not say otherwise.
  var gate = GateSection()
  var security = SecuritySection()
  /// The tracking server that runs and versions are mirrored to, if there is one.
  var mlflow: MLflowSection?
  /// With unique names.
  var models: [ModelSection] = []

  func model(_ name: String) -> ModelSection? {
    models.first { $0.name == name }
  }
}

/// Where the log of topics is.
struct LogSection: Equatable {
  /// When an append counts as durable.
  enum Durability: String, CaseIterable {
    /// Survives the end of any process at any point; a loss of power may cost the newest commits.
    case normal
    /// Survives a loss of power too: each commit waits for the disk.
    case full
  }

  /// The embedded log's file. Relative paths start from the working directory.
  var embedded = "./leeway.db"
  var durability = Durability.normal
  /// The cluster that is used instead of the embedded log, if one is.
  var kafka: KafkaSection?

  /// What messages call it.
  var shown: String { kafka.map { "Kafka at \($0.servers)" } ?? embedded }
}

/// How topics are named and made.
struct TopicsSection: Equatable {
  /// Stands before the name of every topic.
  var prefix = ""
  /// Partitions of the topics of events: predictions, labels, features, watermarks, examples.
  var partitions = EngineConfiguration(models: []).inputPartitions
  /// Partitions of the topics that are keyed by model.
  var modelPartitions = EngineConfiguration(models: []).modelPartitions
}

/// Event time, in milliseconds.
struct TimeSection: Equatable {
  private static let engine = IntakeConfiguration()

  var pane = engine.pane
  /// What a record of the topic `sketches` spans; nil for none.
  var sketch = engine.sketch
  var lateness = engine.lateness
  var labelHorizon = engine.labelHorizon
  /// How far an event's time may lie beyond its record's timestamp.
  var futureSlack = engine.futureSlack
  /// How long a partition may be silent by the machine's clock before the worker advances it.
  var idle: Int64 = 5_000
  var featuresTopic = engine.featuresTopic
  var featureTimeToLive = engine.featureTimeToLive
  /// Predictions, labels and ids that one partition remembers at most.
  var maximumOpen = engine.maximumOpen
}

/// How the worker batches its work. None of it changes a result.
struct EngineSection: Equatable {
  private static let worker = WorkerSettings()

  var commitRecords = worker.commitRecords
  var commitInterval: Int64 = 100
  var snapshotCommits = worker.snapshotCommits
  var pollRecords = worker.pollRecords
  /// Runs that one process carries out at the same time.
  var runs = 1
  /// Milliseconds of work on a run of a built-in family between two times of keeping it; nil for not at all.
  var keepWork: Int64? = 30_000
  /// Where run folders and kept work lie; nil for beside the log.
  var runsFolder: String?
}

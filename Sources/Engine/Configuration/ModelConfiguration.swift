public import Control
import Drift
import Events
public import Models

/// One model that Leeway keeps on course.
public struct ModelConfiguration: Sendable {
  public var name: String
  public var task: Task
  /// Columns that are categories although they may hold numbers.
  public var categorical: Set<String>
  /// Columns that are numbers although they may hold texts: those are missing values.
  public var numeric: Set<String>
  /// Columns of names that share a fixed number of weights.
  public var hashed: Set<String>
  /// Columns that are times, of which hour and weekday count.
  public var calendar: Set<String>
  /// Features that the model does not read.
  public var dropped: Set<String>
  public var family: Family
  /// What versions are recorded as that a program outside trains; nil where the family's own learner does.
  public var externalFamily: String?
  public var monitor: MonitorConfiguration
  public var training: TrainingConfiguration
  /// When a challenger takes the champion's place.
  public var gate: GateConfiguration

  public init(
    name: String, task: Task, categorical: Set<String> = [], numeric: Set<String> = [],
    hashed: Set<String> = [], calendar: Set<String> = [], dropped: Set<String> = [], family: Family = .standard,
    externalFamily: String? = nil, monitor: MonitorConfiguration = MonitorConfiguration(),
    training: TrainingConfiguration = TrainingConfiguration(), gate: GateConfiguration = GateConfiguration()
  ) {
    self.name = name
    self.task = task
    self.categorical = categorical
    self.numeric = numeric
    self.hashed = hashed
    self.calendar = calendar
    self.dropped = dropped
    self.family = family
    self.externalFamily = externalFamily
    self.monitor = monitor
    self.training = training
    self.gate = gate
  }

  /// What records call the family of this model's versions.
  public var familyName: String { externalFamily ?? family.name }
}

/// How a model is retrained.
public struct TrainingConfiguration: Hashable, Sendable {
  /// Share of a run's rows, the newest, that a program outside does not learn, and that epochs are judged by. Between 0
  /// and 1.
  public var holdout: Double
  /// The newest rows of a run on which its figures are made.
  public var validationRows: Int
  /// A run with fewer new rows than this fails.
  public var minimumRows: Int
  /// Rows that a reference is made of at least, where the history has them.
  public var referenceRows: Int
  /// The newest rows that one run reads at most.
  public var maximumRows: Int
  /// Seconds after which a run is given up.
  public var maximumSeconds: Double
  /// How much a row counts for, by its class.
  public var classWeights: ClassWeights.Rule
  /// Times at most that a family which learns in epochs goes through a run's rows again, once all have been learned.
  public var epochs: Int
  /// It stops after so many that did not better the loss on the rows held out.
  public var patience: Int
  /// Bytes that a run may hold, rows and model, by an estimate from above; past them it is given up.
  public var maximumMemory: Int64
  /// Runs in any 24 hours of event time, a person's not counted; nil for any number.
  public var runsPerDay: Int?
  public var seed: UInt64

  /// Rows that a run reads: its own, and those before them for the reference.
  public var mostRowsRead: Int {
    let (rows, overflow) = maximumRows.addingReportingOverflow(referenceRows)
    return overflow ? .max : rows
  }

  public init(
    holdout: Double = 0.2, validationRows: Int = 1_000, minimumRows: Int = 150, referenceRows: Int = 1_000,
    maximumRows: Int = 1_000_000, maximumSeconds: Double = 3_600, maximumMemory: Int64 = 4 << 30,
    runsPerDay: Int? = nil, classWeights: ClassWeights.Rule = .none, epochs: Int = 10, patience: Int = 2,
    seed: UInt64 = 1
  ) {
    self.holdout = min(max(holdout, 0.01), 0.9)
    self.validationRows = max(validationRows, 1)
    self.minimumRows = max(minimumRows, 2)
    self.referenceRows = max(referenceRows, 1)
    self.maximumRows = max(maximumRows, 2)
    self.maximumSeconds = maximumSeconds
    self.maximumMemory = maximumMemory
    self.runsPerDay = runsPerDay
    self.classWeights = classWeights
    self.epochs = max(epochs, 0)
    self.patience = max(patience, 1)
    self.seed = seed
  }
}

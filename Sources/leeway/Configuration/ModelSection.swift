import Engine

/// One model to watch and to retrain.
struct ModelSection: Equatable {
  enum Task: String, CaseIterable { case binary, regression, multiclass }

  enum Family: String, CaseIterable {
    case mixture
    case linearMixture = "linear-mixture"
    case linear, logistic, softmax, poisson, network, mlp
  }

  var name: String
  var task = Task.binary
  /// The names of two or more classes, in the order of the model's probabilities, for `multiclass`; else empty.
  var classes: [String] = []
  /// Columns whose numbers are names.
  var categorical: [String] = []
  /// Columns whose texts are missing values.
  var numeric: [String] = []
  /// Columns of names that share a fixed number of weights.
  var hashed: [String] = []
  /// Columns that are times, of which hour and weekday count.
  var calendar: [String] = []
  /// Columns that the model does not see.
  var drop: [String] = []
  var family = Family.mixture
  /// The program that trains in place of a built-in family, if one does.
  var trainer: TrainerSection?
  var monitor = MonitorSection()
  var train = TrainSection()
  var gate = GateSection()
}

/// How a model learns.
struct TrainSection: Equatable {
  private static let engine = TrainingConfiguration()

  /// The newest part of a run's rows that a program outside does not learn, and that epochs are judged by.
  var holdout = engine.holdout
  /// Rows that a version's reference is made of at least, where there are as many: all that its run learns, and rows
  /// before them.
  var referenceRows = engine.referenceRows
  /// A run with fewer new rows than this fails.
  var minimumRows = engine.minimumRows
  /// How much a row counts for, by its class.
  var classWeights = ClassWeighting.none
  /// Times at most that a family which learns in epochs goes through a run's rows again.
  var epochs = engine.epochs
  /// It stops after so many that did not better the rows held out.
  var patience = engine.patience
  /// Seconds after which a run is given up.
  var quotaSeconds = Int(engine.maximumSeconds)
  /// The newest rows that one run uses at most.
  var quotaRows = engine.maximumRows
  /// Bytes that a run of a built-in family may hold.
  var quotaMemory = engine.maximumMemory
  /// Runs in any 24 hours of event time that no person asked for.
  var quotaRunsPerDay = engine.runsPerDay
  /// Runs of a higher priority are carried out first, and take the place of others. Changes no result.
  var priority = 0
  /// Of every random draw of a version; recorded with it.
  var seed = Int(engine.seed)
}

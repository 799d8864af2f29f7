/// One model to watch and to retrain.
struct ModelSection: Equatable {
  enum Task: String, CaseIterable { case binary, regression, multiclass }

  enum Family: String, CaseIterable {
    case kalmanMixture = "kalman-mixture"
  }

  var name: String
  var task = Task.binary
  /// The names of two or more classes, in the order of the model's probabilities, for `multiclass`; else empty.
  var classes: [String] = []
  /// Columns whose numbers are names.
  var categorical: [String] = []
  /// Columns that the model does not see.
  var drop: [String] = []
  var family = Family.kalmanMixture
  var monitor = MonitorSection()
  var train = TrainSection()
}

/// How a model learns and what its challenger has to show.
struct TrainSection: Equatable {
  /// The newest part of a training set's rows, held out to judge the challenger.
  var holdout = 0.2
  /// How much worse than the champion's the challenger's loss may be, as a share of it.
  var tolerance = 0.02
  /// The newest training rows that become the version's reference.
  var referenceRows = 1_000
  /// A trigger with fewer new rows than this starts no run.
  var minimumRows = 100
  /// Seconds after which a run is given up.
  var quotaSeconds = 3_600
  /// The newest rows that one run reads at most.
  var quotaRows = 1_000_000
  var seed = 1
}

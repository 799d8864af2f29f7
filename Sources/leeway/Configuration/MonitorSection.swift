/// What is measured of a model, and when that is reason to train it. A rule that is `nil` never fires.
struct MonitorSection: Equatable {
  /// Length of the sliding window, in milliseconds: a whole number of panes.
  var window: Int64 = 600_000
  /// A window with fewer rows is not judged for drift.
  var minimumRows = 500
  var drift: DriftRule? = DriftRule()
  var performance: PerformanceRule? = PerformanceRule()
  /// Train once this many labels have come in since the last trigger.
  var volumeLabels: Int? = 1_000
  /// Train this long after the last trigger, in milliseconds of event time.
  var scheduleEvery: Int64?
  /// Train when the champion is older than this, in milliseconds of event time.
  var freshnessMaximumAge: Int64?
  /// An alarm that led to no new version is raised again after this many milliseconds of event time.
  var cooldown: Int64 = 3_600_000
}

/// A column, or the prediction, has moved away from the training data.
struct DriftRule: Equatable {
  /// The size from which a change counts; a statistic that is `nil` is not computed. At least one is not.
  var psi: Double? = 0.2
  var jensenShannon: Double? = 0.025
  var kolmogorovSmirnov: Double? = 0.15
  /// The chance of a false alarm for one window of the whole model, all columns and statistics together.
  var alpha = 1e-5
}

/// The loss on delayed labels is worse than on the version's own validation rows.
struct PerformanceRule: Equatable {
  /// Excess that is tolerated, as a share of the validation loss.
  var relative = 0.1
  /// Excess that is tolerated at least, in units of the loss.
  var absolute = 0.01
  /// Standard errors by which the excess must exceed what is tolerated.
  var z = 4.0
  /// A window with fewer judged rows is not judged.
  var minimumRows = 300
}

import Drift
import Engine

/// What is measured of a model, and when that is reason to train it. A rule that is `nil` never fires.
struct MonitorSection: Equatable {
  private static let engine = MonitorConfiguration()

  /// Length of the sliding window, in milliseconds: a whole number of panes.
  var window = engine.window
  /// A window with fewer rows is not judged for drift.
  var minimumRows = engine.drift.minimumRows
  var drift: DriftRule? = DriftRule()
  var performance: PerformanceRule? = PerformanceRule()
  /// Train once this many labels have come in since the last trigger.
  var volumeLabels = engine.triggers.volume
  /// Train this long after the last trigger, in milliseconds of event time.
  var scheduleEvery = engine.triggers.schedule
  /// Train when the champion is older than this, in milliseconds of event time.
  var freshnessMaximumAge = engine.triggers.freshness
  /// An alarm that led to no new version is raised again after this many milliseconds of event time.
  var cooldown = engine.triggers.cooldown
}

/// A column, or the prediction, has moved away from the training data.
struct DriftRule: Equatable {
  private static let engine = MonitorConfiguration()

  /// The size from which a change counts; a statistic that is `nil` is not computed. At least one is not.
  var psi = engine.drift.thresholds[.psi]
  var jensenShannon = engine.drift.thresholds[.jensenShannon]
  var kolmogorovSmirnov = engine.drift.thresholds[.kolmogorovSmirnov]
  /// The chance of a false alarm for one window of the whole model, all columns and statistics together.
  var alpha = engine.drift.falseAlarmRate
  /// After an alarm drift raises no further one for this many milliseconds of event time, not even against a new version.
  var spacing = engine.triggers.driftSpacing
}

/// The loss on delayed labels exceeds that on the versions' own validation rows, or that of the labelled rows in the
/// five windows before: by what is tolerated, and by more than chance explains.
struct PerformanceRule: Equatable {
  private static let engine = MonitorConfiguration().performance

  /// The least excess that counts, as a share of the loss that it is compared with.
  var relative = engine.relativeTolerance
  /// The least excess that counts, in units of the loss.
  var absolute = engine.absoluteFloor
  /// Standard errors by which the excess must exceed zero.
  var z = engine.criticalZ
  /// A window with fewer judged rows is not judged.
  var minimumRows = engine.minimumRows
}

import Drift
import Engine

/// What is measured of a model, and when that is reason to train it. A rule that is `nil` never fires.
struct MonitorSection: Equatable {
  private static let engine = MonitorConfiguration()

  enum Policy: String, CaseIterable {
    /// A run where a rule gives a reason.
    case triggered
    /// A run with every so many labels, whatever is measured.
    case continuous
  }

  var policy = Policy.triggered
  /// Labels from one run of a continuous policy to the next.
  var every = 500
  /// Length of the sliding window, in milliseconds: a whole number of panes.
  var window = engine.window
  /// After this many milliseconds of event time a season may repeat.
  var season = engine.season
  /// Whether the dependence between columns is watched too.
  var joint = engine.joint
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

  /// The size from which a change counts; a statistic without one is not computed. There is at least one.
  var thresholds = Thresholds(engine.drift.thresholds)
  /// The chance of a false alarm for one window of the whole model, all columns and statistics together.
  var alpha = engine.drift.falseAlarmRate
  /// Rows to a false alarm of the detector, on average and at the least.
  var runLength = engine.detector.averageRunLength
  /// After an alarm drift raises no further one for this many milliseconds of event time, not even against a new version.
  var spacing = engine.triggers.driftSpacing
  /// Whether an alarm needs a report that calls the change large.
  var requires = engine.triggers.driftRequires
}

/// Sizes by statistic.
struct Thresholds: Equatable, CustomStringConvertible {
  private(set) var sizes: [Statistic: Double]

  init(_ sizes: [Statistic: Double]) {
    self.sizes = sizes
  }

  subscript(statistic: Statistic) -> Double? {
    get { sizes[statistic] }
    set { sizes[statistic] = newValue }
  }

  /// The same in every process: the configuration's fingerprint is made of it.
  var description: String {
    let parts = Statistic.allCases.compactMap { statistic in sizes[statistic].map { "\(statistic.rawValue): \($0)" } }
    return "Thresholds(\(parts.joined(separator: ", ")))"
  }
}

/// The loss on delayed labels exceeds that on the versions' own validation rows, or that of the labelled rows in the
/// windows before, by more than is tolerated.
struct PerformanceRule: Equatable {
  private static let engine = MonitorConfiguration().performance

  /// The least excess that counts, as a share of the loss that it is compared with.
  var relative = engine.relativeTolerance
  /// The least excess that counts, in units of the loss.
  var absolute = engine.absoluteFloor
  /// Judged rows to a false alarm, on average and at the least.
  var runLength = engine.averageRunLength
  /// Judged rows before anything is alarming.
  var minimumRows = engine.minimumRows
}

/// The familiar detectors of a changed mean, for a column whose owner prefers one. Feed it values, or panes' means.
public enum MeanDetector: Hashable, Sendable {
  public enum Method: String, Hashable, Sendable, CaseIterable {
    case adwin
    case pageHinkley = "page_hinkley"
  }

  case adwin(ADWIN)
  case pageHinkley(PageHinkley)

  /// With the method's customary settings.
  public init(_ method: Method) {
    switch method {
    case .adwin: self = .adwin(ADWIN())
    case .pageHinkley: self = .pageHinkley(PageHinkley())
    }
  }

  /// Whether the last value raised an alarm.
  public var driftDetected: Bool {
    switch self {
    case .adwin(let detector): detector.driftDetected
    case .pageHinkley(let detector): detector.driftDetected
    }
  }

  /// Values that are not finite are passed over.
  public mutating func update(_ value: Double) {
    guard value.isFinite else { return }
    switch self {
    case .adwin(var detector):
      self = .pageHinkley(PageHinkley())
      detector.update(value)
      self = .adwin(detector)
    case .pageHinkley(var detector):
      detector.update(value)
      self = .pageHinkley(detector)
    }
  }
}

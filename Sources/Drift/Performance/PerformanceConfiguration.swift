/// When a model that serves worse than it should counts as failing.
public struct PerformanceConfiguration: Hashable, Sendable {
  /// Event time of the judged rows, in milliseconds.
  public var windowLength: Int64
  /// Event time before the window whose judged rows serve as a second yardstick, in milliseconds. 0 for none.
  public var historyLength: Int64
  /// Excess that is tolerated, as a share of the reference.
  public var relativeTolerance: Double
  /// Excess that is tolerated at least, in units of the loss.
  public var absoluteFloor: Double
  /// Standard errors by which the excess must exceed zero.
  public var criticalZ: Double
  /// Judged rows that the window must hold, and rows that the yardstick must rest on.
  public var minimumRows: Int
  public var minimumReferenceRows: Int
  /// Whether a change in either direction counts. For a loss only more is worse; a bias is wrong both ways.
  public var twoSided: Bool

  /// The defaults suit an error rate. In 48 simulated SEA streams whose model is retrained every 500 or 1,000 labels,
  /// windows of 1,000 rows found a rise from about 11 % to 18 % within 2,000 rows in 46 or more of 48 for the two
  /// larger changes, and raised 10 false alarms in 1.3 million quiet rows.
  public init(
    windowLength: Int64, historyLength: Int64? = nil, relativeTolerance: Double = 0.1,
    absoluteFloor: Double = 0.01,
    criticalZ: Double = 4, minimumRows: Int = 300, minimumReferenceRows: Int = 100,
    twoSided: Bool = false
  ) {
    self.windowLength = max(windowLength, 1)
    let (fiveWindows, overflow) = self.windowLength.multipliedReportingOverflow(by: 5)
    self.historyLength = max(historyLength ?? (overflow ? .max : fiveWindows), 0)
    self.relativeTolerance = relativeTolerance
    self.absoluteFloor = absoluteFloor
    self.criticalZ = criticalZ
    self.minimumRows = minimumRows
    self.minimumReferenceRows = minimumReferenceRows
    self.twoSided = twoSided
  }

  /// For the mean of label − prediction. A model that is retrained all the time keeps its error rate low through a
  /// change that moves its bias: on SEA's first change this finds 37 of 48 where the error rate finds 24.
  public static func bias(windowLength: Int64) -> PerformanceConfiguration {
    PerformanceConfiguration(windowLength: windowLength, criticalZ: 4.5, twoSided: true)
  }
}

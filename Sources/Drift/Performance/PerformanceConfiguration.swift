/// When a model that serves worse than it should counts as failing.
public struct PerformanceConfiguration: Hashable, Sendable {
  /// Event time of the newest judged rows, in milliseconds: what figures are shown of, and what history leaves out, so
  /// that a change does not hide itself.
  public var windowLength: Int64
  /// Event time before the window whose judged rows serve as a second yardstick, in milliseconds. 0 for none; ten
  /// windows where nothing else is said.
  public var historyLength: Int64
  /// The smallest excess that counts, as a share of the yardstick's mean loss. The larger of this and the floor holds.
  public var relativeTolerance: Double
  /// The smallest excess that counts whatever the yardstick, in units of the loss; above 0.
  public var absoluteFloor: Double
  /// Judged rows to a false alarm, on average and at the least, of all measures and yardsticks together.
  public var averageRunLength: Double
  /// Statistics that share the run length: measures of the model times yardsticks.
  public var statistics: Int
  /// Judged rows since the beginning, or since the last alarm's new version took over, before anything is alarming.
  public var minimumRows: Int
  /// Rows that a yardstick must rest on.
  public var minimumReferenceRows: Int
  /// How likely an interval of the risk fails to hold it, ever, over all that is said about one change.
  public var harmAlpha: Double

  public init(
    windowLength: Int64, historyLength: Int64? = nil, relativeTolerance: Double = 0.1,
    absoluteFloor: Double = 0.01, averageRunLength: Double = 100_000, statistics: Int = 4,
    minimumRows: Int = 300, minimumReferenceRows: Int = 100, harmAlpha: Double = 0.05
  ) {
    self.windowLength = max(windowLength, 1)
    let (tenWindows, overflow) = self.windowLength.multipliedReportingOverflow(by: 10)
    self.historyLength = max(historyLength ?? (overflow ? .max : tenWindows), 0)
    self.relativeTolerance = relativeTolerance
    self.absoluteFloor = absoluteFloor
    self.averageRunLength = averageRunLength
    self.statistics = statistics
    self.minimumRows = minimumRows
    self.minimumReferenceRows = minimumReferenceRows
    self.harmAlpha = harmAlpha
  }

  /// The excess over a yardstick's mean that is tolerated.
  func tolerance(over mean: Double) -> Double {
    max(relativeTolerance * mean.magnitude, absoluteFloor)
  }

  /// What the logarithm of one statistic must reach.
  var threshold: Double {
    Elementary.log(max(averageRunLength, 1) * Double(max(statistics, 1)))
  }
}

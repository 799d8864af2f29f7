/// Sequential evidence that what a version sees is no longer what it was trained on: that something changed, not how
/// much. It stays in force until its version is no longer the one in service, or the detector begins anew.
public struct DriftAlarm: Hashable, Sendable {
  /// The version whose rows changed.
  public let version: Int
  /// Event time at which the alarm was raised, milliseconds.
  public let time: Int64
  /// Estimated event time of the change.
  public let onset: Int64
  /// From when on losses tell whether the change hurts: an event time that was not chosen by looking at losses.
  public let judgedFrom: Int64
  /// Natural logarithms of the statistic when it was raised, and of what it had to reach.
  public let logEvidence: Double
  public let logThreshold: Double
  /// What contributed, most first.
  public let columns: [Contribution]

  /// One column's part in an alarm.
  public struct Contribution: Hashable, Sendable {
    public let column: String
    /// Of the statistic, 0 to 1.
    public let share: Double
    /// What kind of change the evidence is for, in words; nil where it is not known.
    public let change: String?

    public init(column: String, share: Double, change: String? = nil) {
      self.column = column
      self.share = share
      self.change = change
    }
  }

  public init(
    version: Int, time: Int64, onset: Int64, judgedFrom: Int64, logEvidence: Double, logThreshold: Double,
    columns: [Contribution]
  ) {
    self.version = version
    self.time = time
    self.onset = onset
    self.judgedFrom = judgedFrom
    self.logEvidence = logEvidence
    self.logThreshold = logThreshold
    self.columns = columns
  }
}

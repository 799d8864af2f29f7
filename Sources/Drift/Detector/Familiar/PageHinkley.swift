/// The two-sided Page–Hinkley test for a change of a stream's mean (Page 1954), as the library `river` defines it.
///
/// It promises no false-alarm rate, and none on rows that depend on each other: offered for comparison.
public struct PageHinkley: Hashable, Sendable {
  /// Rows before anything is judged.
  public let minimumRows: Int
  /// A change of the mean that is tolerated, in the unit of the values.
  public let delta: Double
  public let threshold: Double
  /// What remains of the sums from row to row.
  public let alpha: Double

  private var rows = 0.0
  private var mean = 0.0
  private var increase = 0.0
  private var decrease = 0.0
  private var lowest = Double.infinity
  private var highest = -1.0
  /// Whether the last row raised an alarm. The next one starts anew.
  public private(set) var driftDetected = false

  public init(minimumRows: Int = 30, delta: Double = 0.005, threshold: Double = 50, alpha: Double = 1 - 0.0001) {
    self.minimumRows = minimumRows
    self.delta = delta
    self.threshold = threshold
    self.alpha = alpha
  }

  public mutating func update(_ value: Double) {
    if driftDetected {
      self = PageHinkley(minimumRows: minimumRows, delta: delta, threshold: threshold, alpha: alpha)
    }
    rows += 1
    mean += 1 / rows * (value - mean)
    let deviation = value - mean
    increase = alpha * increase + deviation - delta
    decrease = alpha * decrease + deviation + delta
    lowest = min(lowest, increase)
    highest = max(highest, decrease)
    guard rows >= Double(minimumRows) else { return }
    driftDetected = increase - lowest > threshold || highest - decrease > threshold
  }
}

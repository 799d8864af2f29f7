import Sketches

/// What the losses of a pane are held against: a sample whose own uncertainty counts.
struct Yardstick: Hashable {
  /// Rows of the sample, as a count of independent ones would be before `correlation`.
  let rows: Double
  let mean: Double
  /// Of one row, never 0 for an error rate: a sample without a miss does not prove that there are none.
  let variance: Double
  /// Excess over `mean` that is tolerated, above 0.
  let tolerance: Double
  /// How much of a lasting excess the sample still shows, 0 to 1: less, the more of the judged rows it has taken in.
  let contrast: Double
  /// By how much dependence between rows inflates the variance of sums, at least 1.
  let correlation: Double

  /// The mean from which on an excess counts.
  var limit: Double { mean + tolerance }

  init(
    _ sample: Moments, measure: LossMeasure, configuration: PerformanceConfiguration,
    contrast: Double = 1, correlation: Double = 1
  ) {
    rows = Double(sample.count)
    if measure == .error {
      // Half a miss more, as in Jeffreys' prior.
      let rate = (sample.sum + 0.5) / (rows + 1)
      mean = min(max(rate, 0), 1)
      variance = mean * (1 - mean)
    } else {
      mean = max(sample.mean, 0)
      variance = sample.sampleVariance
    }
    // Without any tolerance a yardstick of 0 would make every loss infinitely telling.
    tolerance = max(configuration.tolerance(over: mean), 1e-9)
    self.contrast = contrast
    self.correlation = correlation
  }
}

import Sketches

/// What is known of a distribution function F(x) = P(X ≤ x): two step functions that it certainly lies between.
///
/// The one form that sorted values (both steps are F itself), counts over frozen bins (inside a bin F may rise
/// anywhere) and quantile sketches (F within the rank error) share. Distances of two bands are in `LineDistances`.
struct CumulativeBand: Sendable {
  /// Strictly increasing.
  private(set) var points: [Double] = []
  /// Bounds from each point up to the next one, both increasing, 0 before the first point.
  private(set) var lower: [Double] = []
  private(set) var upper: [Double] = []
  /// Values behind it.
  let count: Int
  /// Of the same values, where they are known.
  let moments: Moments?

  /// Whether nothing is left open.
  var isExact: Bool { lower == upper }

  /// Of finite values in ascending order, to the last one. Linear.
  init(sorted values: [Double], moments: Moments) {
    count = values.count
    self.moments = moments
    let total = Double(values.count)
    points.reserveCapacity(values.count)
    lower.reserveCapacity(values.count)
    for index in values.indices where index + 1 == values.count || values[index + 1] != values[index] {
      points.append(values[index])
      lower.append(Double(index + 1) / total)
    }
    upper = lower
  }

  /// Of counts over frozen bins; further entries of `counts` are ignored. The outer bins reach to the extremes, or
  /// without moments to infinity.
  init(_ binning: NumericBinning, counts: [Int], moments: Moments?) {
    count = counts.prefix(binning.binCount).reduce(0, +)
    self.moments = moments
    var below = 0
    for bin in 0..<binning.binCount where counts[bin] > 0 {
      let (low, high) = binning.extent(of: bin, moments)
      append(low, lower: below, upper: below + counts[bin])
      below += counts[bin]
      append(high, lower: below, upper: below)
    }
  }

  /// Of a quantile sketch of which no rank is wrong by more than `rankError` as a share of its values. The extremes come
  /// from the moments; without them F is open on both sides.
  init(_ view: QuantileView, rankError: Double, moments: Moments?) {
    count = view.count
    self.moments = moments
    let total = Double(max(view.count, 1))
    let least = moments?.min ?? -.infinity
    let greatest = moments?.max ?? .infinity
    if rankError > 0, view.values.first.map({ least < $0 }) ?? false {
      append(least, lower: 0.0, upper: min(rankError, 1))
    }
    for (value, weight) in zip(view.values, view.cumulativeWeights) where value < greatest {
      let share = Double(weight) / total
      append(max(value, least), lower: max(share - rankError, 0), upper: min(share + rankError, 1))
    }
    if count > 0 { append(rankError > 0 ? greatest : view.values.last ?? greatest, lower: 1.0, upper: 1.0) }
  }

  private mutating func append(_ point: Double, lower low: Int, upper high: Int) {
    append(point, lower: Double(low) / Double(count), upper: Double(high) / Double(count))
  }

  /// Bounds from `point` on; the last word on a point counts.
  private mutating func append(_ point: Double, lower low: Double, upper high: Double) {
    if points.last == point {
      points.removeLast()
      lower.removeLast()
      upper.removeLast()
    }
    points.append(point)
    lower.append(low)
    upper.append(high)
  }
}

extension NumericBinning {
  /// The smallest and the largest value that a bin can hold, given a column's extremes.
  func extent(of bin: Int, _ moments: Moments?) -> (low: Double, high: Double) {
    var low = bin > 0 ? edges[bin - 1].nextUp : -.infinity
    var high = bin < edges.count ? edges[bin] : .infinity
    if let moments, !moments.isEmpty, moments.min <= high, low <= moments.max {
      low = max(low, moments.min)
      high = min(high, moments.max)
    }
    return (low, high)
  }
}

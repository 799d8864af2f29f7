import Sketches

/// Distances between two distributions on the line, each with the range that the bands leave it.
struct LineDistances: Hashable, Sendable {
  /// Largest gap of the distribution functions.
  private(set) var kolmogorovSmirnov = Bounds(exactly: 0)
  /// ∫ |F − G| dx.
  private(set) var wasserstein = Bounds(exactly: 0)
  /// ∫ (F − G)² dx.
  private(set) var squaredGap = Bounds(exactly: 0)
  /// The most that the two integrals can be while no gap exceeds `noiseGap`: the gap is no larger than either tail
  /// either, so that both stay finite in proportion to where the data is.
  private(set) var wassersteinNoise = 0.0
  private(set) var squaredGapNoise = 0.0

  /// Where both bands stand left of a point that has not been reached.
  private struct Cursor {
    var index = -1
    var lower = 0.0
    var upper = 0.0

    /// The next point, infinity past the last.
    func next(_ band: CumulativeBand) -> Double {
      index + 1 < band.points.count ? band.points[index + 1] : .infinity
    }

    func isDone(_ band: CumulativeBand) -> Bool { index + 1 >= band.points.count }

    mutating func advance(_ band: CumulativeBand) {
      index += 1
      lower = band.lower[index]
      upper = band.upper[index]
    }
  }

  /// One sweep over the points of both: linear, 5 ns a point.
  ///
  /// - Parameter noiseGap: the gap of distribution functions that sampling explains.
  init(_ one: CumulativeBand, _ other: CumulativeBand, noiseGap: Double) {
    guard one.count > 0, other.count > 0 else { return }
    var gap = (low: 0.0, value: 0.0, high: 0.0)
    var area = gap
    var square = gap
    var (a, b) = (Cursor(), Cursor())
    while !a.isDone(one) || !b.isDone(other) {
      let point = min(a.next(one), b.next(other))
      if !a.isDone(one), a.next(one) == point { a.advance(one) }
      if !b.isDone(other), b.next(other) == point { b.advance(other) }
      let low = max(a.lower - b.upper, b.lower - a.upper, 0)
      let value = ((a.lower + a.upper) - (b.lower + b.upper)).magnitude / 2
      let high = max(a.upper - b.lower, b.upper - a.lower)
      gap = (max(gap.low, low), max(gap.value, value), max(gap.high, high))
      if a.isDone(one), b.isDone(other) { break }
      let width = min(a.next(one), b.next(other)) - point
      Self.add(width, low, &area.low, &square.low)
      Self.add(width, value, &area.value, &square.value)
      Self.add(width, high, &area.high, &square.high)
      let noise = min(noiseGap, max(a.upper, b.upper), max(1 - a.lower, 1 - b.lower))
      Self.add(width, noise, &wassersteinNoise, &squaredGapNoise)
    }
    kolmogorovSmirnov = Bounds(low: gap.low, value: gap.value, high: gap.high)
    squaredGap = Bounds(low: square.low, value: square.value, high: square.high)
    wasserstein = Bounds(low: area.low, value: area.value, high: area.high)
    raise(toMeansOf: one, other)
  }

  /// A height of 0 over an infinite width is nothing.
  private static func add(_ width: Double, _ height: Double, _ area: inout Double, _ square: inout Double) {
    guard height > 0 else { return }
    area += width * height
    square += width * height * height
  }

  /// ∫ |F − G| is at least the difference of the means, which moments know to their rounding.
  private mutating func raise(toMeansOf one: CumulativeBand, _ other: CumulativeBand) {
    guard !wasserstein.isExact, let a = one.moments, let b = other.moments, !a.isEmpty, !b.isEmpty else { return }
    let rounding = 1e-12 * (max(a.min.magnitude, a.max.magnitude) + max(b.min.magnitude, b.max.magnitude))
    let low = max(min((a.mean - b.mean).magnitude - rounding, wasserstein.high), wasserstein.low)
    wasserstein = Bounds(low: low, value: max(wasserstein.value, low), high: wasserstein.high)
  }
}

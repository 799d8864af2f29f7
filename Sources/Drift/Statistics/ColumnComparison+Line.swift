import Sketches

/// Statistics of the values on the line, missing rows left out.
extension ColumnComparison {
  /// - Parameter distances: made once for all statistics that need the sweep over both sides.
  func distance(
    _ statistic: Statistic, _ line: Line, _ threshold: Double, _ quantiles: NoiseQuantiles,
    _ distances: inout LineDistances?
  ) -> Measure? {
    let noise = noise(referenceRows - referenceMissing, currentRows - currentMissing, quantiles)
    if case .kolmogorovSmirnov = statistic, case .histogram(let pair) = line {
      return gap(pair.kolmogorovSmirnov(), threshold, noise)
    }
    let bands = line.bands
    if statistic == .outOfRangeRate { return outOfRange(bands.reference, bands.current, threshold, noise) }
    let found = distances ?? LineDistances(bands.reference, bands.current, noiseGap: noise.criticalGap)
    distances = found
    let spread = bands.reference.moments.map(\.standardDeviation)
    switch statistic {
    case .kolmogorovSmirnov: return gap(found.kolmogorovSmirnov, threshold, noise)
    case .wasserstein:
      return Measure(
        bounds: found.wasserstein, critical: found.wassersteinNoise,
        clearance: threshold - SamplingNoise.z * noise.spreadOfMeans(bands.reference, bands.current))
    case .wassersteinNormalized:
      guard let spread else { return nil }
      return Measure(
        bounds: found.wasserstein.map { Self.ratio($0, spread) }, critical: Self.ratio(found.wassersteinNoise, spread),
        clearance: threshold
          - SamplingNoise.z * Self.ratio(noise.spreadOfMeans(bands.reference, bands.current), spread))
    default:
      guard let spread else { return nil }
      return Measure(
        bounds: found.squaredGap.map { Self.ratio(2 * $0, spread).squareRoot() },
        critical: Self.ratio(2 * found.squaredGapNoise, spread).squareRoot(),
        clearance: threshold
          - SamplingNoise.z * Self.ratio(noise.spreadOfEnergy(bands.reference, bands.current), spread.squareRoot()))
    }
  }

  private func gap(_ bounds: Bounds, _ threshold: Double, _ noise: SamplingNoise) -> Measure {
    Measure(bounds: bounds, critical: noise.criticalGap, clearance: noise.clearance(gap: threshold))
  }

  /// Of the current values: those before the reference's least and past its greatest.
  private func outOfRange(
    _ reference: CumulativeBand, _ current: CumulativeBand, _ threshold: Double, _ noise: SamplingNoise
  ) -> Measure? {
    guard let range = reference.moments else { return nil }
    let noThreat = Measure(bounds: Bounds(exactly: 0), critical: 0, clearance: threshold)
    guard !range.isEmpty, current.count > 0 else { return noThreat }
    let below = current.share(below: range.min)
    let within = current.share(upTo: range.max)
    let bounds = Bounds(
      low: below.low + (1 - within.high), value: below.value + (1 - within.value),
      high: min(below.high + (1 - within.low), 1))
    return Measure(
      bounds: bounds, critical: noise.criticalOutside(), clearance: noise.clearance(share: threshold, reference: 0))
  }

  /// Nothing is nothing of anything.
  private static func ratio(_ value: Double, _ unit: Double) -> Double {
    value == 0 ? 0 : value / unit
  }
}

extension CumulativeBand {
  /// Share of the values at or below `x`.
  func share(upTo x: Double) -> Bounds {
    share(ofPoints: points.partitioningIndex { $0 > x })
  }

  /// Share of the values below `x`.
  func share(below x: Double) -> Bounds {
    share(ofPoints: points.partitioningIndex { $0 >= x })
  }

  private func share(ofPoints count: Int) -> Bounds {
    guard count > 0 else { return Bounds(exactly: 0) }
    let (low, high) = (lower[count - 1], upper[count - 1])
    return Bounds(low: low, value: (low + high) / 2, high: high)
  }

  fileprivate var variance: Double { moments?.variance ?? .infinity }
}

extension SamplingNoise {
  /// At least the standard deviation of the Wasserstein distance of two samples: moving one row by d moves it by d/n at
  /// most (Efron and Stein 1981). Its mean is no smaller than the true distance, which is a norm of a mean.
  fileprivate func spreadOfMeans(_ reference: CumulativeBand, _ current: CumulativeBand) -> Double {
    (reference.variance / referenceRows + current.variance / currentRows).squareRoot()
  }

  /// The same for √(2 ∫ (F − G)²), which moving one row by d moves by √(2d)/n at most; the mean of |X − X′| is at most
  /// √2 standard deviations.
  fileprivate func spreadOfEnergy(_ reference: CumulativeBand, _ current: CumulativeBand) -> Double {
    let root = 2.0.squareRoot()
    let spread =
      reference.variance.squareRoot() / referenceRows + current.variance.squareRoot() / currentRows
    return (root * spread).squareRoot()
  }
}

import Sketches

/// One statistic of two samples, and what sampling does to it.
struct Measure: Hashable, Sendable {
  let bounds: Bounds
  /// What sampling exceeds with probability α at most when nothing changed; infinite where no such law is known.
  let critical: Double
  /// What a change of the threshold's size would show less than with a probability of 5 % at most.
  let clearance: Double
}

extension ColumnComparison {
  /// The statistic of what is known of the two sides; nil where the column or the form of its samples has none. 0 where
  /// a side is empty.
  public func bounds(of statistic: Statistic) -> Bounds? {
    measures([(statistic, 0)], NoiseQuantiles(alpha: 1, bins: 1)).first?.measure.bounds
  }

  /// Those that this column and the form of its samples have, each with its threshold, in the order given.
  func measures(
    _ statistics: [(statistic: Statistic, threshold: Double)], _ quantiles: NoiseQuantiles
  ) -> [(statistic: Statistic, measure: Measure)] {
    var distances: LineDistances?
    return statistics.compactMap { statistic, threshold in
      guard statistic.applies(to: kind) else { return nil }
      let measure: Measure? =
        switch statistic {
        case .psi, .jensenShannon, .kullbackLeibler, .hellinger, .totalVariation, .cramersV:
          bins.map { divergence(statistic, $0, threshold, quantiles) }
        case .kolmogorovSmirnov, .wasserstein, .wassersteinNormalized, .energyDistance, .outOfRangeRate:
          line.flatMap { distance(statistic, $0, threshold, quantiles, &distances) }
        case .missingRate: missingRate(threshold, quantiles)
        case .newCategoryRate: newCategoryRate(threshold, quantiles)
        case .cardinality: distinct.map { cardinality($0, threshold, quantiles) }
        }
      return measure.map { (statistic, $0) }
    }
  }

  private func divergence(
    _ statistic: Statistic, _ bins: BinComparison, _ threshold: Double, _ quantiles: NoiseQuantiles
  ) -> Measure {
    switch statistic {
    case .psi: multiple(bins.psi(), scale: 1, bins, threshold, quantiles)
    case .jensenShannon: multiple(bins.jensenShannon(), scale: 1 / 8, bins, threshold, quantiles)
    case .kullbackLeibler: multiple(bins.kullbackLeibler(), scale: 1 / 2, bins, threshold, quantiles)
    case .hellinger: multiple(bins.hellinger(), scale: 1 / 8, root: true, bins, threshold, quantiles)
    case .cramersV: multiple(bins.cramersV(), scale: 1 / 4, root: true, bins, threshold, quantiles)
    default: multiple(bins.totalVariation(), scale: 1 / 4, root: true, gap: true, bins, threshold, quantiles)
    }
  }

  /// A divergence that is about `scale` times chi-square over bins for small changes, or with `root` its root.
  ///
  /// Where bins are sparse its own law is far from that, Pearson's is not. (With 40 levels that fall off as 1/rank and
  /// 10,000 against 500 rows the PSI exceeds the multiple of the quantile of 0.1 % in 3.9 % of trials, Pearson's
  /// statistic the quantile in 0.16 %.) So Pearson's tells chance from change for all of them, and the critical value is
  /// what the same counts would show if it were just at its quantile.
  ///
  /// - Parameter gap: a sum of absolute differences, whose clearance is that of a gap.
  private func multiple(
    _ value: Double, scale: Double, root: Bool = false, gap: Bool = false, _ bins: BinComparison, _ threshold: Double,
    _ quantiles: NoiseQuantiles
  ) -> Measure {
    guard bins.comparable else { return Measure(bounds: Bounds(exactly: 0), critical: 0, clearance: threshold) }
    let noise = noise(bins.referenceRows, bins.currentRows, quantiles)
    let pearson = bins.squaredDifferences() / noise.variance
    let quantile = quantiles.chiSquare(bins: bins.occupied)
    let law = noise.variance * quantile * scale
    let factor = pearson > 0 ? quantile / pearson : 0
    let critical = pearson > 0 ? value * (root ? factor.squareRoot() : factor) : root ? law.squareRoot() : law
    let clearance = noise.clearance(root ? threshold * threshold : threshold, scale: scale, bins: bins.occupied)
    return Measure(
      bounds: Bounds(exactly: value), critical: critical,
      clearance: gap ? noise.clearance(gap: threshold) : root ? max(clearance, 0).squareRoot() : clearance)
  }

  private func missingRate(_ threshold: Double, _ quantiles: NoiseQuantiles) -> Measure {
    let reference = Double(referenceMissing) / Double(max(referenceRows, 1))
    let current = Double(currentMissing) / Double(max(currentRows, 1))
    guard referenceRows > 0, currentRows > 0 else {
      return Measure(bounds: Bounds(exactly: 0), critical: 0, clearance: threshold)
    }
    let noise = noise(referenceRows, currentRows, quantiles)
    let pooled = Double(referenceMissing + currentMissing) / Double(referenceRows + currentRows)
    return Measure(
      bounds: Bounds(exactly: (current - reference).magnitude), critical: noise.critical(share: pooled),
      clearance: noise.clearance(share: threshold, reference: reference))
  }

  /// The reference's own share is that of the levels which it held once (`CategoryBinning.referenceCounts`).
  private func newCategoryRate(_ threshold: Double, _ quantiles: NoiseQuantiles) -> Measure? {
    guard let bins, let unseenRows, let bin = binning?.unseenBin else { return nil }
    let noise = noise(bins.referenceRows, bins.currentRows, quantiles)
    let expected = bins.referenceShare(ofBin: bin)
    let rows = max(bins.referenceRows + bins.currentRows, 1)
    let pooled = Double(bins.reference[bin] + unseenRows) / Double(rows)
    return Measure(
      bounds: Bounds(exactly: bins.comparable ? Double(unseenRows) / Double(bins.currentRows) : 0),
      critical: min(expected + noise.critical(share: pooled), 1),
      clearance: noise.clearance(share: threshold, reference: 0))
  }

  private func cardinality(_ distinct: DistinctValues, _ threshold: Double, _ quantiles: NoiseQuantiles) -> Measure {
    Measure(
      bounds: Bounds(exactly: distinct.change), critical: distinct.critical(quantiles, dependence: dependence),
      clearance: distinct.clearance(threshold, dependence: dependence))
  }

  func noise(_ referenceRows: Int, _ currentRows: Int, _ quantiles: NoiseQuantiles) -> SamplingNoise {
    SamplingNoise(referenceRows: referenceRows, currentRows: currentRows, dependence: dependence, quantiles)
  }
}

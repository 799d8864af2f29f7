import Sketches

extension ColumnComparison {
  /// Rows that a bin must be expected to hold on the smaller side for the chi-square limit to be good.
  private static let expectedRows = 5.0

  private struct Test {
    let kind: ChangeFinding.Test
    let statistic: Double
    let pValue: Double
    /// With what a sketch leaves open counted in favour of a change.
    let optimistic: Double

    init(_ kind: ChangeFinding.Test, _ statistic: Double, _ pValue: Double, optimistic: Double? = nil) {
      self.kind = kind
      self.statistic = statistic
      self.pValue = pValue
      self.optimistic = optimistic ?? pValue
    }
  }

  /// The evidence of a change from all tests that the samples allow.
  func evidence() -> ChangeEvidence {
    guard referenceRows > 0, currentRows > 0 else { return ChangeEvidence() }
    let tests = [gapTest(), binTest(), missingTest()].compactMap { $0 }
    let count = Double(max(tests.count, 1))
    let least = count * KolmogorovSmirnovTest.leastPValue(referenceRows, currentRows, dependence: dependence)
    // Without a value on either side there is nothing that could differ.
    guard let best = tests.min(by: { $0.pValue < $1.pValue }) else { return ChangeEvidence(least: least) }
    return ChangeEvidence(
      pValue: min(best.pValue * count, 1), optimistic: min((tests.map(\.optimistic).min() ?? 1) * count, 1),
      least: least, test: best.kind, statistic: best.statistic)
  }

  private func gapTest() -> Test? {
    let (n, m) = (referenceRows - referenceMissing, currentRows - currentMissing)
    guard let line, n > 0, m > 0 else { return nil }
    func pValue(_ gap: Double) -> Double { KolmogorovSmirnovTest.pValue(gap: gap, n, m, dependence: dependence) }
    switch line {
    case .bands(let reference, let current):
      let gap = LineDistances(reference, current, noiseGap: 0).kolmogorovSmirnov
      return Test(.kolmogorovSmirnov, gap.value, pValue(gap.low))
    case .histogram(let pair):
      let gap = pair.kolmogorovSmirnov()
      return Test(.kolmogorovSmirnov, gap.value, pValue(gap.low))
    case .quantiles(let reference, let current):
      let gap = LineDistances(reference.band, current.band, noiseGap: 0).kolmogorovSmirnov
      let worst = Self.pValue(reference, current, pValue)
      return Test(.kolmogorovSmirnov, gap.value, worst, optimistic: min(worst, pValue(gap.high)))
    }
  }

  /// The rank error of a quantile sketch has the tail of a normal distribution (Karnin, Lang and Liberty 2016): with
  /// probability δ it exceeds ε·√(ln(2/δ)/ln(2/0.01)). The best compromise between that and the gap that is left counts:
  /// max(2p, 4δ) is at most t only where p ≤ t/2, or one of two sketches errs by more than its bound at δ ≤ t/4.
  private static func pValue(
    _ reference: QuantileSample, _ current: QuantileSample, _ pValue: (Double) -> Double
  ) -> Double {
    if reference.view.rankError == 0, current.view.rankError == 0 {
      return pValue(LineDistances(reference.band, current.band, noiseGap: 0).kolmogorovSmirnov.low)
    }
    var best = 1.0
    for risk in [1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 1e-12] {
      let factor = (Elementary.log(2 / risk) / Elementary.log(2 / 0.01)).squareRoot()
      let gap = LineDistances(
        reference.band(rankError: reference.view.rankError * factor),
        current.band(rankError: current.view.rankError * factor),
        noiseGap: 0
      ).kolmogorovSmirnov
      best = min(best, max(2 * pValue(gap.low), 4 * risk))
    }
    return best
  }

  private func binTest() -> Test? {
    let pair =
      switch samples {
      case .numbers(let reference, let current)?: Self.pooledBins(reference, current)
      case .categories(let reference, let current)?: Self.pooledBins(reference, current)
      case nil:
        bins.map { BinComparison(reference: Array($0.reference.dropLast()), current: Array($0.current.dropLast())) }
      }
    guard let pair, pair.comparable else { return nil }
    let merged = pair.merged(least: Self.expectedRows * dependence, ordered: kind == .numeric)
    let test = ChiSquareTest(reference: merged.reference, current: merged.current)
    return Test(.chiSquare, test.statistic, test.pValue(dependence: dependence))
  }

  /// Counts over quantiles, or the most frequent levels, of both samples together: bins that favour neither side.
  private static func pooledBins(_ reference: NumericSample, _ current: NumericSample) -> BinComparison {
    var pooled: [Double] = []
    pooled.reserveCapacity(reference.sorted.count + current.sorted.count)
    var (i, j) = (0, 0)
    while i < reference.sorted.count, j < current.sorted.count {
      if reference.sorted[i] <= current.sorted[j] {
        pooled.append(reference.sorted[i])
        i += 1
      } else {
        pooled.append(current.sorted[j])
        j += 1
      }
    }
    pooled += reference.sorted[i...]
    pooled += current.sorted[j...]
    let binning = NumericBinning.build(sortedReference: pooled)
    return BinComparison(
      reference: Array(reference.counts(over: binning).dropLast()),
      current: Array(current.counts(over: binning).dropLast()))
  }

  private static func pooledBins(_ reference: CategorySample, _ current: CategorySample) -> BinComparison {
    let binning = CategoryBinning.build(counts: reference.counts.merging(current.counts, uniquingKeysWith: +))
    func counts(_ sample: CategorySample) -> [Int] {
      sample.counts.reduce(into: [Int](repeating: 0, count: binning.binCount)) {
        $0[binning.bin(of: $1.key)] += $1.value
      }
    }
    return BinComparison(reference: counts(reference), current: counts(current))
  }

  /// By the chi-square limit with Yates' correction (1934); exact where rows are too few for it. There dependence enters
  /// as it does in the limit, whose tail falls as exp(−x/2τ).
  private func missingTest() -> Test? {
    let missing = referenceMissing + currentMissing
    let rows = referenceRows + currentRows
    guard missing > 0, missing < rows else { return nil }
    let share = Double(missing) / Double(rows)
    let gap = (Double(currentMissing) - Double(currentRows) * share).magnitude
    let corrected = max(gap - 0.5, 0)
    let variance = Double(currentRows) * Double(referenceRows) / Double(rows) * share * (1 - share)
    let statistic = corrected * corrected / variance
    let fewest = min(share, 1 - share) * Double(min(currentRows, referenceRows))
    if fewest < Self.expectedRows * dependence {
      let exact = FisherTest.pValue((referenceMissing, currentMissing), of: (referenceRows, currentRows))
      let pValue = dependence > 1 ? Elementary.exp(Elementary.log(max(exact, 1e-300)) / dependence) : exact
      return Test(.missing, statistic, pValue)
    }
    return Test(.missing, statistic, ChiSquare.upperTail(statistic / dependence, degrees: 1))
  }
}

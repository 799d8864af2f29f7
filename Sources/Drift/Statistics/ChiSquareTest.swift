/// Whether two rows of counts come from one distribution: Pearson's test of homogeneity (1900), and Wilks' G beside it.
public struct ChiSquareTest: Hashable, Sendable {
  /// Σ (observed − expected)² / expected over both rows.
  public let statistic: Double
  /// 2 Σ observed · ln(observed/expected), the likelihood-ratio statistic with the same limit.
  public let likelihoodRatio: Double
  /// Categories that hold a row of either side, less one; 0 where there is nothing to test.
  public let degrees: Int

  /// Counts of the same categories on both sides; those that are empty on both count for nothing. 40 ns a category.
  public init(reference: [Int], current: [Int]) {
    let comparison = BinComparison(reference: reference, current: current)
    guard comparison.comparable, comparison.occupied > 1 else {
      (statistic, likelihoodRatio, degrees) = (0, 0, 0)
      return
    }
    let total = Double(comparison.referenceRows + comparison.currentRows)
    var sum = 0.0
    var ratio = 0.0
    for (counts, rows) in [(reference, comparison.referenceRows), (current, comparison.currentRows)] {
      for bin in counts.indices where reference[bin] + current[bin] > 0 {
        let expected = Double(reference[bin] + current[bin]) * Double(rows) / total
        let observed = Double(counts[bin])
        sum += (observed - expected) * (observed - expected) / expected
        if observed > 0 { ratio += observed * Elementary.log(observed / expected) }
      }
    }
    statistic = sum
    likelihoodRatio = max(2 * ratio, 0)
    degrees = comparison.occupied - 1
  }

  /// P(X² ≥ statistic) by the chi-square limit, good where every expected count is 5 or more; 1 without degrees of
  /// freedom.
  public var pValue: Double { pValue(dependence: 1) }

  /// For rows of which every τ count as one.
  func pValue(dependence: Double) -> Double {
    degrees > 0 ? ChiSquare.upperTail(statistic / dependence, degrees: degrees) : 1
  }
}

extension BinComparison {
  /// Both sides' counts with bins put together until each is expected to hold at least `least` rows on the smaller
  /// side. Which ones is read from the sums of both sides alone, so that it says nothing about their difference.
  ///
  /// - Parameter ordered: put together neighbours, else all that are small.
  func merged(least: Double, ordered: Bool) -> (reference: [Int], current: [Int]) {
    let share = Double(min(referenceRows, currentRows)) / Double(max(referenceRows + currentRows, 1))
    func suffices(_ rows: Int) -> Bool { Double(rows) * share >= least }
    var sums: [(reference: Int, current: Int)] = []
    var open = (reference: 0, current: 0)
    for bin in reference.indices {
      let rows = (reference: reference[bin], current: current[bin])
      if !ordered, suffices(rows.reference + rows.current) {
        sums.append(rows)
        continue
      }
      open = (open.reference + rows.reference, open.current + rows.current)
      if ordered, suffices(open.reference + open.current) {
        sums.append(open)
        open = (0, 0)
      }
    }
    if open.reference + open.current > 0 {
      if suffices(open.reference + open.current) || sums.isEmpty {
        sums.append(open)
      } else {
        let least = ordered ? sums.count - 1 : sums.indices.min { Self.rows(sums[$0]) < Self.rows(sums[$1]) } ?? 0
        sums[least] = (sums[least].reference + open.reference, sums[least].current + open.current)
      }
    }
    return (sums.map(\.reference), sums.map(\.current))
  }

  private static func rows(_ pair: (reference: Int, current: Int)) -> Int { pair.reference + pair.current }
}

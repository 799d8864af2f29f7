/// The numbers of distinct values in two samples, each against what as many rows drawn from both together would hold.
///
/// Rarefaction (Hurlbert 1971): when nothing changed each side is a simple random sample of all rows, so a value with c
/// rows among M misses all n rows of a side with probability C(M − c, n)/C(M, n). Whether different values are missed is
/// negatively associated, so the sum's variance is at most that of independent terms and Bernstein's inequality holds.
struct DistinctValues: Hashable, Sendable {
  let reference: Side
  let current: Side

  struct Side: Hashable, Sendable {
    let found: Int
    let expected: Double
    let variance: Double

    /// - Parameters:
    ///   - found: distinct values among the side's rows.
    ///   - frequencies: numbers of rows of both sides together, ascending, and how many values have each.
    ///   - rows: the side's.
    ///   - total: rows of both sides.
    init(found: Int, frequencies: [(rows: Int, values: Int)], rows: Int, total: Int) {
      self.found = found
      var expected = 0.0
      var variance = 0.0
      for frequency in frequencies {
        let missed = Self.chanceOfNone(frequency.rows, rows: rows, total: total)
        expected += Double(frequency.values) * (1 - missed)
        variance += Double(frequency.values) * missed * (1 - missed)
      }
      self.expected = expected
      self.variance = variance
    }

    /// That none of a value's rows is among the side's.
    private static func chanceOfNone(_ frequency: Int, rows: Int, total: Int) -> Double {
      let others = total - rows
      guard frequency <= others else { return 0 }
      var chance = 1.0
      for row in 0..<frequency where chance > 1e-18 { chance *= Double(others - row) / Double(total - row) }
      return chance
    }

    var ratio: Double { Double(found) / expected }

    /// What the ratio stays within, about 1, with probability 1 − 2e^(−`tail`) at least.
    func spread(tail: Double, dependence: Double) -> Double {
      let third = tail / 3 * dependence
      return (third + (third * third + 2 * tail * variance * dependence).squareRoot()) / expected
    }

    fileprivate var relativeVariance: Double { variance / (expected * expected) }
  }

  /// `valuesByRows`: how many values have so many rows on both sides together.
  init(found: (reference: Int, current: Int), valuesByRows: [Int: Int], rows: (reference: Int, current: Int)) {
    let frequencies = valuesByRows.sorted { $0.key < $1.key }.map { (rows: $0.key, values: $0.value) }
    let total = rows.reference + rows.current
    reference = Side(found: found.reference, frequencies: frequencies, rows: rows.reference, total: total)
    current = Side(found: found.current, frequencies: frequencies, rows: rows.current, total: total)
  }

  private var isComparable: Bool { reference.found > 0 && current.found > 0 }

  /// Relative change of the number of distinct values, the numbers of rows allowed for; 0 where a side is empty.
  var change: Double { isComparable ? (current.ratio / reference.ratio - 1).magnitude : 0 }

  func critical(_ quantiles: NoiseQuantiles, dependence: Double) -> Double {
    guard isComparable else { return 0 }
    // Each side has half of the probability.
    let tail = quantiles.logarithm + Elementary.log(2)
    let (above, below) = (
      current.spread(tail: tail, dependence: dependence), reference.spread(tail: tail, dependence: dependence)
    )
    return below < 1 ? (1 + above) / (1 - below) - 1 : .infinity
  }

  func clearance(_ threshold: Double, dependence: Double) -> Double {
    guard isComparable else { return threshold }
    let variance = (reference.relativeVariance + current.relativeVariance) * dependence
    return threshold - SamplingNoise.z * (1 + threshold) * variance.squareRoot()
  }
}

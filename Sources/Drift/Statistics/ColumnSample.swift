public import Sketches

/// All values of a numeric column, sorted.
public struct NumericSample: Hashable, Sendable {
  /// Ascending, finite.
  public let sorted: [Double]
  /// Rows without a usable value.
  public let missing: Int
  public let moments: Moments

  /// - Parameters:
  ///   - values: in any order; those that are not finite or beyond `SketchLimits.magnitude` count as missing.
  ///   - missing: further rows without a value.
  ///
  /// Sorts: n log n.
  public init(_ values: [Double], missing: Int = 0) {
    var usable = values.filter { $0.magnitude <= SketchLimits.magnitude }
    usable.sort()
    sorted = usable
    self.missing = missing + values.count - usable.count
    moments = Moments(usable)
  }

  public var rows: Int { sorted.count + missing }

  /// Values at or below `x`, by bisection.
  func count(upTo x: Double) -> Int { sorted.partitioningIndex { $0 > x } }

  /// Rows per bin, the missing ones last.
  func counts(over binning: NumericBinning) -> [Int] {
    var counts: [Int] = []
    var below = 0
    for edge in binning.edges {
      let upTo = count(upTo: edge)
      counts.append(upTo - below)
      below = upTo
    }
    return counts + [sorted.count - below, missing]
  }

  var band: CumulativeBand { CumulativeBand(sorted: sorted, moments: moments) }
}

/// How often a categorical column holds each of its levels.
public struct CategorySample: Hashable, Sendable {
  /// Rows per level, all above 0.
  public let counts: [String: Int]
  /// Rows without a level.
  public let missing: Int
  let present: Int

  /// Levels without rows are left out.
  public init(counts: [String: Int], missing: Int = 0) {
    self.counts = counts.filter { $0.value > 0 }
    self.missing = missing
    present = self.counts.values.reduce(0, +)
  }

  public init(_ levels: some Sequence<String>, missing: Int = 0) {
    var counts: [String: Int] = [:]
    for level in levels { counts[level, default: 0] += 1 }
    self.init(counts: counts, missing: missing)
  }

  public var rows: Int { present + missing }
}

/// A numeric column as a quantile sketch knows it.
public struct QuantileSample: Hashable, Sendable {
  public let view: QuantileView
  /// Of the same values: the extremes bound the outer ends, and the deviation normalises distances. Without them the
  /// normalised statistics and the share out of range are left out and the others are unbounded above.
  public let moments: Moments?
  /// Rows without a usable value.
  public let missing: Int

  public init(_ view: QuantileView, moments: Moments?, missing: Int = 0) {
    self.view = view
    self.moments = moments
    self.missing = missing
  }

  public var rows: Int { view.count + missing }

  /// Two of them together hold both distributions with a confidence of 99 %: half a per cent may fail of each, where
  /// the sketch's own error is that of a whole one.
  var band: CumulativeBand {
    band(rankError: view.rankError * (Elementary.log(2 / 0.005) / Elementary.log(2 / 0.01)).squareRoot())
  }

  func band(rankError: Double) -> CumulativeBand {
    CumulativeBand(view, rankError: rankError, moments: moments)
  }
}

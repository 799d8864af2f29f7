/// Whether two samples of a column differ at all, however little.
public enum Change: String, Hashable, Sendable {
  case yes
  case no
  /// The rows are too few to show any change, or what the sketches leave open decides.
  case undetermined
}

/// The answer for one column.
public struct ChangeFinding: Hashable, Sendable {
  /// What found the strongest evidence.
  public enum Test: String, Hashable, Sendable {
    case kolmogorovSmirnov = "kolmogorov_smirnov"
    case chiSquare = "chi_square"
    /// Chi-square of the rows with and without a value.
    case missing
  }

  public let column: String
  public let changed: Change
  /// That of the column alone, over its tests; valid, if not sharp, with the sketches' error included.
  public let pValue: Double
  /// After Holm's correction for the number of columns: `changed` is yes where it is at most the level.
  public let adjustedPValue: Double
  public let test: Test
  /// Of that test: a gap of distribution functions, or chi-square.
  public let statistic: Double
}

/// Tells whether columns changed at all, with a probability of at most `level` that any unchanged one is called
/// changed.
///
/// A column takes up to three tests: Kolmogorov–Smirnov on its values, which sees shifts best; chi-square over bins
/// (quantiles of both samples together where the values are known, the reference's bins else; levels), which sees
/// changes of spread and shape; chi-square of missing rows. The least p-value times the number of tests counts
/// (Bonferroni), and columns share the level by Holm's step-down procedure (1979), so that they may depend on one
/// another.
///
/// Samples as bins are judged as what they are, distributions over bins; with quantile sketches the p-value includes
/// the probability of a larger rank error than assumed.
public struct TwoSampleTest: Hashable, Sendable {
  /// 0 to 1.
  public let level: Double

  public init(level: Double = 0.01) {
    self.level = level
  }

  /// One answer for each column, in their order.
  public func changes(in columns: [ColumnComparison]) -> [ChangeFinding] {
    let evidence = columns.map { $0.evidence() }
    let adjusted = Self.holm(evidence.map(\.pValue))
    let optimistic = Self.holm(evidence.map(\.optimistic))
    return columns.indices.map { index in
      let evidence = evidence[index]
      let changed: Change =
        if adjusted[index] <= level {
          .yes
        } else if optimistic[index] <= level || evidence.least * Double(columns.count) > level {
          .undetermined
        } else {
          .no
        }
      return ChangeFinding(
        column: columns[index].name, changed: changed, pValue: evidence.pValue, adjustedPValue: adjusted[index],
        test: evidence.test, statistic: evidence.statistic)
    }
  }

  /// The k-th smallest of m p-values times m − k + 1, no smaller than the one before it, at most 1.
  static func holm(_ pValues: [Double]) -> [Double] {
    var adjusted = pValues
    var largest = 0.0
    for (rank, index) in pValues.indices.sorted(by: { (pValues[$0], $0) < (pValues[$1], $1) }).enumerated() {
      largest = min(max(largest, pValues[index] * Double(pValues.count - rank)), 1)
      adjusted[index] = largest
    }
    return adjusted
  }
}

/// What a column's tests say together.
struct ChangeEvidence: Hashable, Sendable {
  /// Valid whatever the sketches leave open.
  var pValue = 1.0
  /// The least that they leave possible.
  var optimistic = 1.0
  /// The least that so many rows can give.
  var least = 1.0
  var test = ChangeFinding.Test.chiSquare
  var statistic = 0.0
}

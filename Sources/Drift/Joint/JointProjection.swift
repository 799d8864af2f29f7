public import Sketches

/// One number that tells rows which keep the reference's dependence between columns from rows which lose it, whatever
/// each column shows alone.
///
/// Columns enter as features h of mean 0 and variance 1 (normal score and its square, indicators of levels and of
/// missing values), each a table over at most 16 bins. Of the correlations between features of different columns those
/// count that the reference makes certain; with R of these, the value is hᵀ((I + R)⁻¹ − I)h, twice the Gaussian
/// logarithm of the odds of independence, kept to the eight eigenvectors that tell most. Pairs that are independent
/// in the reference add nothing, so one pair is found among fifty columns as among five. The value's own column is
/// counted and watched like any other, under the same promise.
///
/// It sees dependence that goes, weakens or changes its form: panes of 16 events, reference of 10,000 rows, ARL
/// 100,000, median delay in events (measured beside Mahalanobis distance, reconstruction error outside 90 % of the
/// variance, eight random Fourier features and a boosted-tree classifier of rows against permuted rows):
///
///     change, every column's own distribution kept   this   Mahalanobis   PCA   Fourier   trees
///     correlation .8 → 0, 2 of 5 columns              48        80         48      80      40
///     the same, 2 of 20                               48       208        112    never     40 *
///     the same, 2 of 50                               48       368 *      112 *  never      –
///     .4 → 0, 2 of 20                                240     never        624    never    152 *
///     a column no longer the sum of 19                16        16        112    never     16 *
///     a circle lost, 2 of 5                           48     2,496      never   1,968      24
///     category and number, 2 of 20                    48       272        112    never     40 *
///
/// (* with false alarms before the change: fitted and counted on the same rows.) What it cannot see is dependence that
/// appears where there was none; that is left to `JointPattern`.
///
/// Cost: 5 to 10 ns a row and column. At most 48 columns are read. 600 bytes a column.
public struct JointProjection: Hashable, Sendable {
  /// What the value is a weighted sum of squares of: one sum a component.
  public typealias Sums = SIMD8<Float>

  /// The columns read, by position in the reference's columns, ascending.
  public let columns: [Int]
  /// By column.
  let bins: [JointBins]
  /// By column, then by bin: what the bin adds to each component.
  let tables: [Sums]
  /// 1 for a component whose square grows as dependence goes, −1 for one whose square shrinks.
  let signs: Sums
  private let edges: [JointBins.Edges]
  /// By column.
  private let isNumeric: [Bool]

  init(columns: [Int], bins: [JointBins], tables: [Sums], signs: Sums) {
    self.columns = columns
    self.bins = bins
    self.tables = tables
    self.signs = signs
    edges = bins.map(\.edges)
    isNumeric = bins.map { $0.levels == nil }
  }

  /// The value of a row of the reference's columns. A column that the row lacks, or that holds what the reference's
  /// column cannot, is missing.
  public func value(of row: [ColumnValue]) -> Double {
    var sums = Sums.zero
    for position in columns.indices {
      let column = columns[position]
      let value = column < row.count ? row[column] : .missing
      let bin =
        if case .number(let number) = value, isNumeric[position] {
          edges[position].bin(of: number)
        } else {
          bins[position].bin(of: value)
        }
      sums += tables[position * JointBins.places + bin]
    }
    return value(of: sums)
  }

  /// Adds a numeric column's values, NaN for missing, to the rows' sums. Once for each of `columns` and in its order,
  /// starting from zeros, it gives bit for bit what `value(of:)` gives for each row.
  ///
  /// - Parameters:
  ///   - position: in `columns`.
  ///   - sums: as many as `numbers`.
  public func add(_ numbers: Span<Double>, position: Int, to sums: inout [Sums]) {
    precondition(numbers.count == sums.count, "a column must have a value for every row")
    precondition(columns.indices.contains(position), "no such joint column")
    let edges = edges[position]
    let tables = tables.span
    var sums = sums.mutableSpan
    let firstPlace = position * JointBins.places
    for row in numbers.indices {
      let bin = edges.bin(of: numbers[unchecked: row])
      sums[unchecked: row] += tables[unchecked: firstPlace + bin]
    }
  }

  /// The same for a categorical column, whose levels the caller has looked up with `bin(of:position:)`.
  public func add(bins: Span<UInt8>, position: Int, to sums: inout [Sums]) {
    precondition(bins.count == sums.count, "a column must have a value for every row")
    let tables = tables.span
    let firstPlace = position * JointBins.places
    for row in bins.indices { sums[row] += tables[firstPlace + min(Int(bins[row]), JointBins.missing)] }
  }

  /// The bin of a value of column `columns[position]`.
  public func bin(of value: ColumnValue, position: Int) -> UInt8 {
    UInt8(bins[position].bin(of: value))
  }

  /// The value of a row whose columns add up to `sums`.
  public func value(of sums: Sums) -> Double {
    let terms = sums * sums * signs
    var value = 0.0
    for component in 0..<Sums.scalarCount { value += Double(terms[component]) }
    return value
  }
}

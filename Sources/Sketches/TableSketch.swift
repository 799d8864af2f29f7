/// The bins of a table's columns, and where a `TableSketch` counts them.
public struct TableLayout: Hashable, Sendable {
  public let binnings: [Binning]
  /// Place of each column's first count, then the number of all counts.
  let starts: [Int]

  public init(_ binnings: [Binning]) {
    self.binnings = binnings
    starts = binnings.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.binCount + TableSketch.countsBesideBins) }
  }

  /// Places of a column's bins.
  func bins(of column: Int) -> Range<Int> {
    starts[column]..<starts[column + 1] - TableSketch.countsBesideBins
  }
}

/// What a pane or a window holds of all columns of a table: the same as a `ColumnSketch` for each of them, with all
/// counts in one array, so that tables of twenty columns merge and subtract in a fraction of the time.
public struct TableSketch: Hashable, Sendable {
  /// Missing values, invalid ones, and rows of unseen levels whose names are not kept.
  static let countsBesideBins = 3

  public let layout: TableLayout
  /// Of each column the rows per bin, then the counts beside them.
  private var counts: BinCounts
  private var moments: [Moments]
  /// Rows per unseen level, of the columns that have any.
  private var unseen: [Int: [String: Int]] = [:]

  /// An empty sketch over these bins.
  public init(_ layout: TableLayout) {
    self.layout = layout
    counts = BinCounts(bins: layout.starts[layout.binnings.count])
    moments = [Moments](repeating: Moments(), count: layout.binnings.count)
  }

  /// Of columns over the bins of `layout`.
  public init(_ layout: TableLayout, _ columns: [ColumnSketch]) {
    self.init(layout)
    precondition(columns.map(\.binning) == layout.binnings, "a sketch of other columns than its layout's")
    for (column, sketch) in columns.enumerated() {
      add(
        column, missing: sketch.missing, invalid: sketch.invalid, moments: sketch.moments, bins: sketch.bins,
        unseen: sketch.unseen, unseenOther: sketch.unseenOther)
    }
  }

  /// Adds figures of a column that came from outside.
  ///
  /// - Returns: false, and nothing is added, where they do not fit the bins or each other.
  public mutating func add(
    validating column: Int, count: Int, missing: Int, invalid: Int, moments: Moments, bins: [Int],
    unseen: [String: Int], unseenOther: Int
  ) -> Bool {
    guard moments.isValid else { return false }
    let fault = ColumnSketch.fault(
      layout.binnings[column], count: count, missing: missing, invalid: invalid, moments: moments, bins: bins,
      unseen: unseen, unseenOther: unseenOther)
    if fault != nil { return false }
    add(
      column, missing: missing, invalid: invalid, moments: moments, bins: bins, unseen: unseen,
      unseenOther: unseenOther)
    return true
  }

  private mutating func add(
    _ column: Int, missing: Int, invalid: Int, moments: Moments, bins: [Int], unseen: [String: Int], unseenOther: Int
  ) {
    let places = layout.bins(of: column)
    counts.add(bins, from: places.lowerBound)
    for (offset, rows) in [missing, invalid, unseenOther].enumerated() where rows > 0 {
      counts.add(rows, to: places.upperBound + offset)
    }
    self.moments[column].merge(moments)
    if !unseen.isEmpty { self.unseen[column, default: [:]].merge(unseen, uniquingKeysWith: +) }
  }

  /// One column's. Cost: an array of its bins.
  public func column(_ column: Int) -> ColumnSketch {
    let places = layout.bins(of: column)
    let bins = counts.array(of: places)
    var sketch = ColumnSketch(binning: layout.binnings[column], counts: BinCounts(bins))
    sketch.count = bins.reduce(0, +)
    sketch.missing = counts[places.upperBound]
    sketch.invalid = counts[places.upperBound + 1]
    sketch.unseenOther = counts[places.upperBound + 2]
    sketch.unseen = unseen[column] ?? [:]
    sketch.running = RunningMoments(moments[column])
    return sketch
  }

  public var columns: [ColumnSketch] { layout.binnings.indices.map(column) }

  /// Puts the rows of a column per bin, then those that are missing or invalid, in the place of an array's content.
  package func putCountsWithMissing(of column: Int, into all: inout [Int]) {
    let places = layout.bins(of: column)
    if all.count != places.count + 1 { all = [Int](repeating: 0, count: places.count + 1) }
    for (place, bin) in places.enumerated() { all[place] = counts[bin] }
    all[places.count] = counts[places.upperBound] + counts[places.upperBound + 1]
  }
}

extension TableSketch: Subtractable {
  /// Both sketches must be over the same bins.
  public mutating func merge(_ other: TableSketch) {
    precondition(layout == other.layout, "sketches of different tables cannot be merged")
    counts.add(other.counts)
    moments.merge(other.moments)
    for (column, levels) in other.unseen { unseen[column, default: [:]].merge(levels, uniquingKeysWith: +) }
  }

  /// All counts become exact; `moments` as `Moments.subtract` leaves them.
  public mutating func subtract(_ other: TableSketch) {
    precondition(layout == other.layout, "sketches of different tables cannot be subtracted")
    counts.subtract(other.counts)
    for column in moments.indices { moments[column].subtract(other.moments[column]) }
    for (column, levels) in other.unseen {
      var left = unseen[column, default: [:]]
      left.subtract(levels)
      unseen[column] = left.isEmpty ? nil : left
    }
  }

  /// The moments: subtraction would carry the rounding of a window's largest value for ever. (A pane of 1e12 that has
  /// left a window of values near 1 leaves a standard deviation wrong in every digit.)
  public var inexact: [Moments] {
    get { moments }
    set {
      precondition(newValue.count == moments.count, "moments of another table")
      moments = newValue
    }
  }
}

extension [String: Int] {
  /// Takes away rows per level; levels without any are left out.
  fileprivate mutating func subtract(_ other: Self) {
    for (level, rows) in other {
      let left = self[level, default: 0] - rows
      self[level] = left == 0 ? nil : left
    }
  }
}

/// What a pane or a window holds of one column: counts over frozen bins, missing and invalid values, the moments of a
/// numeric column, the names of levels that the reference never held.
///
/// A pane's sketch is built by `update` and the `add` methods; those of all columns merge and subtract as a `TableSketch`.
/// The same rows in the same order give the same bytes, in whatever batches they came.
public struct ColumnSketch: Hashable, Sendable {
  public let binning: Binning
  /// Values that were neither missing nor invalid.
  public internal(set) var count = 0
  /// Rows without a value.
  public internal(set) var missing = 0
  /// Values that the column cannot hold: not finite, beyond `SketchLimits.magnitude`, text where numbers belong.
  public internal(set) var invalid = 0
  var running = RunningMoments()
  var counts: BinCounts
  /// Rows per level that the reference never held. A pane names the first `SketchLimits.unseenLevels` that it meets;
  /// of a merged table a column holds the names of all parts.
  public internal(set) var unseen: [String: Int] = [:]
  /// Rows of further unseen levels, whose names are not kept.
  public internal(set) var unseenOther = 0

  /// An empty sketch over these bins.
  public init(binning: Binning) {
    self.init(binning: binning, counts: BinCounts(bins: binning.binCount))
  }

  init(binning: Binning, counts: BinCounts) {
    (self.binning, self.counts) = (binning, counts)
  }

  /// Empty for a categorical column.
  public var moments: Moments { running.moments }

  /// Rows per bin; they add up to `count`. Cost: an array of them.
  public var bins: [Int] { counts.array }

  /// All rows, with missing and invalid ones.
  public var rows: Int { count + missing + invalid }

  /// Names of unseen levels with their rows, most frequent first, then by name.
  public var unseenByFrequency: [(level: String, rows: Int)] {
    unseen.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      (level: $0.key, rows: $0.value)
    }
  }

  /// Counts one row's value, as the method of its kind does.
  public mutating func add(_ value: ColumnValue) {
    switch value {
    case .number(let number): add(number: number)
    case .category(let level): add(category: level)
    case .missing: addMissing()
    }
  }

  /// In a categorical column a number is the level that its shortest decimal form names: 3 is "3", 2.5 is "2.5".
  public mutating func add(number: Double) {
    guard number.magnitude <= SketchLimits.magnitude else {
      invalid += 1
      return
    }
    guard let bin = binning.bin(ofNumber: number) else {
      add(category: ColumnValue.level(of: number))
      return
    }
    count += 1
    counts.add(1, to: bin)
    running.update(number)
  }

  /// Counts so many rows of one level. Text in a numeric column is invalid.
  public mutating func add(category level: String, rows: Int = 1) {
    guard case .categories(let binning) = binning else {
      invalid += rows
      return
    }
    let bin = binning.bin(of: level)
    count += rows
    counts.add(rows, to: bin)
    if bin == binning.unseenBin { noteUnseen(level, rows: rows) }
  }

  /// Counts rows without a value.
  public mutating func addMissing(_ rows: Int = 1) {
    missing += rows
  }

  /// Counts rows whose value the column cannot hold.
  public mutating func addInvalid(_ rows: Int = 1) {
    invalid += rows
  }

  private mutating func noteUnseen(_ level: String, rows: Int) {
    if unseen[level] != nil || unseen.count < SketchLimits.unseenLevels {
      unseen[level, default: 0] += rows
    } else {
      unseenOther += rows
    }
  }
}

extension ColumnValue {
  /// The level that a number names in a categorical column: whole numbers without a decimal point.
  public static func level(of number: Double) -> String {
    number == number.rounded() && number.magnitude < 0x1p53
      ? String(Int64(number)) : number.description
  }
}

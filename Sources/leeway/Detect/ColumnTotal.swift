import Sketches

/// All rows behind the first reference of a walk, of one column, over that reference's bins.
struct ColumnTotal {
  let binning: Binning
  /// Of a numeric column; the newest numbers are not in it yet.
  private var numeric: ColumnSketch
  private var numbers: [Double] = []
  /// Of a column of levels: rows per bin, then missing ones.
  private var counts: [Int]

  init(binning: Binning) {
    self.binning = binning
    numeric = ColumnSketch(binning: binning)
    counts = [Int](repeating: 0, count: binning.binCount + 1)
  }

  /// Numbers, NaN for a row without one.
  mutating func add(_ batch: [Double]) {
    guard case .numeric = binning else {
      // A column of which the first reference saw no value.
      for number in batch { counts[binning.detectorBin(of: number.isNaN ? .missing : .number(number))] += 1 }
      return
    }
    numbers += batch
    if numbers.count < CellCounter.block { return }
    var full: [Double] = []
    swap(&full, &numbers)
    numeric.update(full.span)
    full.removeAll(keepingCapacity: true)
    swap(&full, &numbers)
  }

  mutating func addMissing() {
    counts[binning.binCount] += 1
  }

  mutating func add(bin: Int) {
    counts[bin] += 1
  }

  /// Rows that became a later reference are among the rest too.
  mutating func add(_ column: FileColumn) {
    if column.kind == .numeric {
      add(column.numbers)
      return
    }
    let bins = column.levels.map { binning.detectorBin(of: .category($0)) }
    for code in column.codes { counts[code < 0 ? binning.binCount : bins[Int(code)]] += 1 }
  }

  var sketch: ColumnSketch {
    var sketch = numeric
    switch binning {
    case .numeric: sketch.update(numbers.span)
    case .categories(let categories):
      let unseen = counts[categories.unseenBin]
      sketch =
        ColumnSketch(
          validating: binning, count: counts.dropLast().reduce(0, +), missing: counts[binning.binCount], invalid: 0,
          moments: Moments(), bins: Array(counts.dropLast()), unseen: [:], unseenOther: unseen) ?? sketch
    }
    return sketch
  }
}

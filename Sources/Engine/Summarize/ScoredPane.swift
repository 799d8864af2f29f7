import Bytes
import Drift
import Events
import Sketches

/// What one version scored within one pane: rows in blocks, and what has been counted of them.
struct ScoredPane {
  private(set) var rows = 0
  private(set) var columns: [ColumnSketch]
  private(set) var prediction: ColumnSketch?
  /// Of the reference's derived columns.
  private(set) var derived: [ColumnSketch]
  /// Nil where none are wanted.
  private(set) var digest: RowDigest?
  private var buffer: RowBuffer

  init(_ layout: VersionLayout, digest: RowDigest?) {
    self.digest = digest
    columns = layout.binnings.map { ColumnSketch(binning: $0) }
    prediction = layout.prediction.map { ColumnSketch(binning: $0) }
    derived = layout.derived.map { ColumnSketch(binning: $0.column.binning) }
    buffer = RowBuffer(width: columns.count + 1)
  }

  /// Whether the sketches are over the columns and bins of this layout.
  func fits(_ layout: VersionLayout) -> Bool {
    columns.map(\.binning) == layout.binnings && prediction?.binning == layout.prediction
      && derived.map(\.binning) == layout.derived.map(\.column.binning)
  }

  @inline(__always)
  mutating func append(
    _ row: ArraySlice<Double>, score: Double, time: Milliseconds, hash: UInt64, layout: VersionLayout,
    scratch: inout Scratch
  ) {
    rows += 1
    buffer.append(row, score: score, time: time, hash: hash)
    if buffer.isFull { flush(layout, &scratch) }
  }

  /// Counts a value that has no code in its column.
  mutating func add(_ value: ColumnValue, column: Int) {
    columns[column].add(value)
    digest?.add(value, column: column)
  }

  /// Counts a score that is not a number.
  mutating func add(_ score: Score, _ layout: VersionLayout) {
    guard var sketch = prediction else { return }
    prediction = nil
    layout.count(score, into: &sketch)
    prediction = sketch
    if let level = layout.level(of: score) { digest?.add(predicted: level) }
  }

  /// Counts the rows that have gathered, column by column.
  mutating func flush(_ layout: VersionLayout, _ scratch: inout Scratch) {
    guard buffer.count > 0 else { return }
    for column in columns.indices {
      buffer.gather(column, into: &scratch.column)
      switch layout.binnings[column] {
      case .numeric:
        columns[column].update(scratch.column.span.extracting(0..<buffer.count))
        digest?.add(numbers: &scratch.column, rows: buffer.count, column: column, &scratch.quantiles)
      case .categories(let categories): countLevels(categories, scratch.column, column: column)
      }
    }
    if let binning = layout.prediction {
      buffer.gather(columns.count, into: &scratch.column)
      prediction?.add(scores: scratch.column.span.extracting(0..<buffer.count))
      digest?.add(scores: &scratch.column, rows: buffer.count, binning, &scratch.quantiles)
    }
    if !derived.isEmpty { countDerived(layout) }
    buffer.removeAll()
  }

  /// Counts each level once for the whole block. Levels without a code are counted elsewhere.
  private mutating func countLevels(_ categories: CategoryBinning, _ cells: [Double], column: Int) {
    var tally = [Int](repeating: 0, count: categories.codes)
    var missing = 0
    for cell in cells.prefix(buffer.count) {
      if cell.isNaN { missing += 1 } else if let code = categories.code(of: cell) { tally[code] += 1 }
    }
    columns[column].addMissing(missing)
    for (code, count) in tally.enumerated() where count > 0 {
      columns[column].add(category: categories.level(of: code), rows: count)
      digest?.add(level: categories.level(of: code), count: count, column: column)
    }
  }

  /// Columns that are computed from whole rows. The hash of a row's id decides where chance must.
  private mutating func countDerived(_ layout: VersionLayout) {
    for row in 0..<buffer.count {
      let cells = buffer.row(row)
      let values = columns.indices.map { layout.value(of: cells[cells.startIndex + $0], column: $0) }
      let score = cells.last ?? .nan
      for (index, column) in layout.derived.enumerated() {
        derived[index].add(
          column.derivation.value(
            row: values, prediction: score.isNaN ? .missing : .number(score), time: buffer.times[row],
            hash: buffer.hashes[row]))
      }
    }
  }
}

extension ScoredPane {
  func encode(into writer: inout ByteWriter) {
    writer.append(count: rows)
    writer.append(columns) { $1.encodeWhole(into: &$0) }
    writer.append(prediction) { $1.encodeWhole(into: &$0) }
    writer.append(derived) { $1.encodeWhole(into: &$0) }
    writer.append(digest) { $1.encode(into: &$0) }
    buffer.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    rows = try reader.index(upTo: SketchLimits.count)
    columns = try reader.array { reader throws(ByteError) in try ColumnSketch(whole: &reader) }
    prediction = try reader.optional { reader throws(ByteError) in try ColumnSketch(whole: &reader) }
    derived = try reader.array { reader throws(ByteError) in try ColumnSketch(whole: &reader) }
    digest = try reader.optional { reader throws(ByteError) in try RowDigest(from: &reader) }
    buffer = try RowBuffer(from: &reader)
    guard buffer.width == columns.count + 1 else { throw reader.failure("rows of other columns than the sketches'") }
    guard digest.map({ $0.names.count == columns.count + (prediction == nil ? 0 : 1) }) ?? true else {
      throw reader.failure("digests of other columns than the sketches'")
    }
  }
}

extension ColumnSketch {
  /// Counts scores; NaN stands for one that is not a number and is counted elsewhere.
  mutating func add(scores: Span<Double>) {
    var start = 0
    for index in scores.indices where scores[index].isNaN {
      update(scores.extracting(start..<index))
      start = index + 1
    }
    update(scores.extracting(start..<scores.count))
  }

  /// With the bins, which the version's reference would tell otherwise.
  fileprivate func encodeWhole(into writer: inout ByteWriter) {
    binning.encode(into: &writer)
    encode(into: &writer)
  }

  fileprivate init(whole reader: inout ByteReader) throws(ByteError) {
    let binning = try Binning(from: &reader)
    try self.init(from: &reader, binning: binning)
  }
}

import Bytes
import Drift
import Events
import Sketches

/// The digests of what one version scored within a pane, or within the stretch of panes that a record of `sketches`
/// spans: of each column and, last, of its predictions.
struct RowDigest: Mergeable {
  /// Of the columns and, where they are counted, the predictions.
  let names: [String]
  private var columns: [ColumnDigest]

  /// What random choices are made for.
  enum Purpose: String {
    case pane, stretch
  }

  /// Random choices are seeded by purpose, version, partition, start and column: a replay makes the same.
  init(_ layout: VersionLayout, of purpose: Purpose, start: Milliseconds, partition: Int) {
    let seed = RowHash.hash("\(purpose)/\(layout.model)/\(layout.version)/\(partition)/\(start)".utf8)
    names = layout.names + (layout.prediction == nil ? [] : [ShownName.prediction])
    columns = (layout.binnings + (layout.prediction.map { [$0] } ?? [])).enumerated().map { place, binning in
      ColumnDigest(binning, seed: RowHash.mix(seed ^ RowHash.mix(UInt64(place))))
    }
  }

  private var predictions: Int { columns.count - 1 }

  /// Adds so many rows of one level.
  mutating func add(level: String, count: Int, column: Int) { columns[column].add(level: level, count: count) }

  /// Adds the first scores; NaN stands for one that is not a number.
  mutating func add(
    scores: inout [Double], rows: Int, _ binning: Binning, _ scratch: inout QuantileScratch<Double>
  ) {
    switch binning {
    case .numeric: add(numbers: &scores, rows: rows, column: predictions, &scratch)
    case .categories:
      for row in 0..<rows where !scores[row].isNaN {
        columns[predictions].add(level: ColumnValue.level(of: scores[row]))
      }
    }
  }

  /// Adds the first numbers of a column. Those that no column can hold become NaN there.
  mutating func add(
    numbers: inout [Double], rows: Int, column: Int, _ scratch: inout QuantileScratch<Double>
  ) {
    for row in 0..<rows where !(numbers[row].magnitude <= SketchLimits.magnitude) { numbers[row] = .nan }
    columns[column].add(numbers.span.extracting(0..<rows), using: &scratch)
  }

  /// Adds a value that is counted by itself, as it has no code.
  mutating func add(_ value: ColumnValue, column: Int) {
    switch value {
    case .category(let level): columns[column].add(level: level)
    case .number(let number): columns[column].add(level: ColumnValue.level(of: number))
    case .missing: break
    }
  }

  mutating func add(predicted level: String) { columns[predictions].add(level: level) }

  mutating func seal() {
    for index in columns.indices { columns[index].seal() }
  }

  /// Both must be of one version.
  mutating func merge(_ other: RowDigest) { columns.merge(other.columns) }

  /// A record for each sketch that has taken values.
  func records(
    _ version: VersionName, partition: Int, start: Milliseconds, end: Milliseconds
  ) -> [SketchRecord] {
    zip(names, columns).flatMap { name, digest in
      digest.images.map { kind, rows, image in
        SketchRecord(
          kind: kind, model: version.model, version: version.version, partition: partition, start: start, end: end,
          column: name, rows: rows, sketch: image)
      }
    }
  }
}

extension RowDigest {
  func encode(into writer: inout ByteWriter) {
    writer.append(names) { $0.append($1) }
    for column in columns { column.encode(into: &writer) }
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    names = try reader.array { reader throws(ByteError) in try reader.string() }
    columns = []
    for _ in names { columns.append(try ColumnDigest(from: &reader)) }
  }
}

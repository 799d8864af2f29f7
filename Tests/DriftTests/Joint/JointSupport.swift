import Sketches
import TestSupport

@testable import Drift

/// Seeded rows of columns that depend on each other.
struct JointRows {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// Normal columns, the first two correlated.
  mutating func correlated(_ rows: Int, columns: Int, _ correlation: Double) -> [[Double]] {
    (0..<rows).map { _ in
      var row = (0..<columns).map { _ in random.normal() }
      row[1] = correlation * row[0] + (1 - correlation * correlation).squareRoot() * row[1]
      return row
    }
  }

  /// Five normal columns; the third's sign is the product of the first two's where `related`.
  mutating func exclusiveOr(_ rows: Int, related: Bool) -> [[Double]] {
    correlated(rows, columns: 5, 0).map { row in
      var row = row
      if related { row[2] = (row[0] * row[1] < 0 ? -1 : 1) * row[2].magnitude }
      return row
    }
  }

  /// A category, a number whose mean depends on it where `related`, another number; some values are missing.
  mutating func mixed(_ rows: Int, related: Bool) -> [[ColumnValue]] {
    let levels = ["red", "green", "blue", "red"]
    return (0..<rows).map { _ in
      let own = random.below(4)
      let other = related ? own : random.below(4)
      let mean: Double = levels[other] == "red" ? 1 : levels[other] == "green" ? -1 : 0
      let number = mean + 0.5 * random.normal()
      return [
        .category(levels[own]), random.below(20) == 0 ? .missing : .number(number), .number(random.normal()),
      ]
    }
  }
}

func numbers(_ rows: [[Double]]) -> [[ColumnValue]] { rows.map { $0.map(ColumnValue.number) } }

/// The sample of all rows of numeric columns.
func sample(_ rows: [[Double]]) -> JointSample {
  let stretches = JointTuning.stretches
  return JointSample(
    columns: (rows.first ?? []).indices.map { column in .numbers(rows.map { $0[column] }) },
    stretches: (0..<stretches).map { $0 * rows.count / stretches..<($0 + 1) * rows.count / stretches })
}

func projection(_ rows: [[Double]]) -> JointProjection? {
  let sample = sample(rows)
  return JointProjection(sample, halves: JointHalves(sample))
}

func reference(_ rows: [[ColumnValue]], kinds: [ColumnKind]) -> Reference {
  var builder = ReferenceBuilder(
    columns: kinds.indices.map { ColumnSchema(name: "c\($0)", kind: kinds[$0]) }, joint: true)
  for row in rows { builder.add(row) }
  return builder.finish()
}

extension Reference {
  /// Rows as a pane that the detector takes.
  func pane(_ rows: ArraySlice<[ColumnValue]>) -> PaneCounts {
    var columns = self.columns.map { ColumnSketch(binning: $0.binning) }
    var derived = self.derived.map { ColumnSketch(binning: $0.column.binning) }
    for row in rows {
      for index in columns.indices { columns[index].add(row[index]) }
      for index in derived.indices {
        derived[index].add(self.derived[index].derivation.value(row: row, time: 0, hash: 0))
      }
    }
    return PaneCounts(columns, derived: derived)
  }

  /// The first alarm's row and its leading column.
  func firstAlarm(_ rows: [[ColumnValue]], pane: Int = 16) -> (row: Int, column: String)? {
    var detector = ModelDetector(reference: self)
    for start in stride(from: 0, to: rows.count - pane + 1, by: pane) {
      detector.observe(self.pane(rows[start..<start + pane]), start: Int64(start))
      let reading = detector.tick()
      if reading.raised { return (start + pane, reading.columns.first?.column ?? "") }
    }
    return nil
  }

  /// Without its joint columns.
  var alone: Reference { Reference(rows: rows, columns: columns, isOrdered: isOrdered) }
}

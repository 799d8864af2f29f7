import Drift
import Sketches

/// Compares two files column by column, on all of their rows.
struct DetectComparison {
  /// Sizes that matter in one look at whole files, where a hundredth of all looks may cry wolf.
  static let sizes = DriftConfiguration(falseAlarmRate: 0.01, minimumRows: 50, minimumReferenceRows: 50)

  let reference: String
  let current: String
  let selection: ColumnSelection

  func run() throws(CommandError) -> DetectResult {
    let before = try FileTable(path: reference, selection: selection)
    let after = try FileTable(path: current, selection: selection, like: before)
    let comparisons = comparisons(before, after)
    var result = DetectResult()
    result.title =
      "\(reference) (\(Figures.grouped(before.rows)) rows) and \(current) (\(Figures.grouped(after.rows)) rows)"
    result.rows = after.rows
    let changes = TwoSampleTest().changes(in: comparisons)
    let drifts = DriftTest.drifts(of: comparisons, configuration: Self.sizes)
    for ((drift, change), comparison) in zip(zip(drifts, changes), comparisons) {
      result.add(drift, changed: change.changed, pValue: change.adjustedPValue, shares: comparison.shares)
    }
    return result
  }

  /// Rows that depend on their neighbours tell less: the larger of the two files' dependence counts.
  private func comparisons(_ before: FileTable, _ after: FileTable) -> [ColumnComparison] {
    let memory = Reference(before.columns).columns.map(\.dependence)
    let later = Reference(after.columns).columns.map(\.dependence)
    return before.columns.indices.map { index in
      let (old, new) = (before.columns[index], after.columns[index])
      let dependence = max(memory[index], later[index])
      return old.kind == .numeric
        ? ColumnComparison(
          name: old.name, reference: NumericSample(old.numbers), current: NumericSample(new.numbers),
          dependence: dependence)
        : ColumnComparison(
          name: old.name, reference: old.levelSample, current: new.levelSample, dependence: dependence)
    }
  }
}

/// A file's columns, whole.
struct FileTable {
  private(set) var columns: [FileColumn]
  private(set) var rows = 0

  /// - Parameter other: the table that this one is compared with: its columns, of its kinds.
  init(path: String, selection: ColumnSelection, like other: FileTable? = nil) throws(CommandError) {
    var reader = try CSVReader(path: path, badRows: .count)
    var places: [Int] = []
    if let other {
      columns = other.columns.map { FileColumn(name: $0.name, kind: $0.kind) }
      for column in columns { places.append(try reader.column(column.name)) }
      let known = Set(columns.map(\.name))
      for name in reader.header where !known.contains(name) && selection.only == nil {
        Terminal.complain("\(path): column \(name) is not in the reference and is left out")
      }
    } else {
      let chosen = try selection.columns(of: reader)
      columns = chosen.map { selection.column($0.name) }
      places = chosen.map(\.index)
    }
    var row = CSVRow()
    while try reader.next(&row) {
      for (column, place) in places.enumerated() { columns[column].append(row, place) }
      rows += 1
    }
    reader.complainOfBadRows()
    guard rows > 0 else { throw CommandError("the file holds no rows but its header", at: path) }
  }
}

extension Reference {
  /// Of whole columns of one length, rows in order.
  init(_ columns: [FileColumn], joint: Bool = false) {
    var builder = ReferenceBuilder(
      columns: columns.map { ColumnSchema(name: $0.name, kind: $0.kind) }, joint: joint)
    for row in 0..<(columns.first?.count ?? 0) { builder.add(columns.map { $0[row] }) }
    self = builder.finish()
  }
}

extension FileColumn {
  var levelSample: CategorySample {
    let present = levelCounts
    return CategorySample(counts: present, missing: count - present.values.reduce(0, +))
  }
}

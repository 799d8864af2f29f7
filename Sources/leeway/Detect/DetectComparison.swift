import Drift
import Sketches

/// Compares two files column by column, on all of their rows.
struct DetectComparison {
  /// Sizes that matter in one look at whole files, where a hundredth of all looks may cry wolf.
  static let sizes = DriftConfiguration(falseAlarmRate: 0.01, minimumRows: 50, minimumReferenceRows: 50)

  let reference: String
  let current: String
  let selection: ColumnSelection
  /// Whether the order of the rows is theirs in time, so that neighbours may depend on each other.
  let isOrdered: Bool

  func run() throws(CommandError) -> DetectResult {
    var (before, after) = try FileTable.pair(reference, current, selection)
    var result = DetectResult(
      title:
        "\(before.path) (\(Figures.count(before.rows, "row"))) and \(after.path) (\(Figures.count(after.rows, "row")))")
    result.rows = after.rows
    try leaveOutRowCounts(&before, &after, &result)
    for table in [before, after] { result.notes += table.columns.compactMap { $0.remark(in: table.path) } }
    let comparisons = comparisons(before, after)
    let changes = TwoSampleTest().changes(in: comparisons)
    let drifts = DriftTest.drifts(of: comparisons, configuration: Self.sizes)
    for ((drift, change), comparison) in zip(zip(drifts, changes), comparisons) {
      result.add(
        drift, changed: change.changed, pValue: change.adjustedPValue, comparison,
        effectiveRows: comparison.effectiveRows)
    }
    let thin = comparisons.filter { $0.effectiveRows < DetectResult.fewRows && $0.leastRows >= DetectResult.fewRows }
    if !thin.isEmpty {
      result.notes.append(
        "\(thin.map(\.name).joined(separator: ", ")): neighbouring rows depend on each other so much that all of them are "
          + "worth fewer than \(Int(DetectResult.fewRows)) independent ones, which few changes can be told from; "
          + "--unordered if the order of the rows means nothing")
    }
    return result
  }

  private func leaveOutRowCounts(_ before: inout FileTable, _ after: inout FileTable, _ result: inout DetectResult)
    throws(CommandError)
  {
    guard selection.only == nil else { return }
    let counting = before.columns.indices.filter {
      !before.columns[$0].isTold && before.columns[$0].countsRows(isUnique: true)
        && after.columns[$0].countsRows(isUnique: true)
    }
    guard !counting.isEmpty else { return }
    result.notes.append(FileColumn.leftOut(counting.map { before.columns[$0].name }))
    for index in counting.reversed() {
      before.columns.remove(at: index)
      after.columns.remove(at: index)
    }
    guard !before.columns.isEmpty else {
      throw CommandError(
        "every column counts the rows", at: before.path, remedy: "name those to compare in --columns")
    }
  }

  /// Rows that depend on their neighbours tell less: the larger of the two files' dependence counts.
  private func comparisons(_ before: FileTable, _ after: FileTable) -> [ColumnComparison] {
    let memory = isOrdered ? Reference(before.columns).columns.map(\.dependence) : []
    let later = isOrdered ? Reference(after.columns).columns.map(\.dependence) : []
    return before.columns.indices.map { index in
      let (old, new) = (before.columns[index], after.columns[index])
      let dependence = isOrdered ? max(memory[index], later[index]) : 1
      return old.kind == .numeric
        ? ColumnComparison(
          name: old.name, reference: NumericSample(old.numbers), current: NumericSample(new.numbers),
          dependence: dependence)
        : ColumnComparison(
          name: old.name, reference: old.levelSample, current: new.levelSample, dependence: dependence)
    }
  }
}

extension ColumnComparison {
  /// Of the smaller side.
  var leastRows: Double { Double(min(referenceRows, currentRows)) }

  /// Independent rows that those of the smaller side are worth.
  var effectiveRows: Double { leastRows / dependence }
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

import Sketches

@testable import Drift

extension ColumnReference {
  /// An empty sketch over the column's bins.
  var emptySketch: ColumnSketch { ColumnSketch(binning: binning) }
}

extension Reference {
  /// Where a pane starts.
  var emptySketches: [ColumnSketch] { columns.map(\.emptySketch) }
}

extension Statistic {
  func value(reference: [Int], current: [Int]) -> Double {
    value(of: BinComparison(reference: reference, current: current))
  }
}

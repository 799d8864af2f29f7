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

extension ColumnComparison {
  /// Of counts alone; where there is a last bin it stands for missing rows, which is a bin like the others.
  init(bins reference: [Int], _ current: [Int]) {
    let edges = (1..<max(reference.count - 1, 1)).map(Double.init)
    let binning = Binning.numeric(NumericBinning(validating: edges) ?? NumericBinning.build(sortedReference: []))
    let counts = reference.count > 1 ? Array(reference.dropLast()) : reference
    let column = ColumnReference(
      name: "x", binning: binning, counts: counts, missing: reference.count > 1 ? reference[reference.count - 1] : 0,
      moments: nil)
    let other = reference.count > 1 ? Array(current.dropLast()) : current
    let total = other.reduce(0, +)
    let sketch = ColumnSketch(
      validating: binning, count: total, missing: reference.count > 1 ? current[current.count - 1] : 0, invalid: 0,
      moments: Moments(count: total, mean: 0, m2: 0, min: -1, max: 1e6), bins: other, unseen: [:], unseenOther: 0)
    self.init(reference: column, current: sketch ?? ColumnSketch(binning: binning))
  }
}

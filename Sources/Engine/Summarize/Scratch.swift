import Sketches

/// Working memory for counting a block of rows.
struct Scratch {
  /// The cells of one column.
  var column = [Double](repeating: 0, count: RowBuffer.block)
  var quantiles = QuantileScratch<Double>()
}

import Events
import Sketches

/// The codes by which cells name the levels of a column: those with a bin of their own, then the others.
extension CategoryBinning {
  var codes: Int { levels.count + others.count }

  func level(of code: Int) -> String {
    code < levels.count ? levels[code] : others[code - levels.count]
  }

  /// Nil for a missing or unlisted level.
  @inline(__always)
  func code(of cell: Double) -> Int? {
    cell >= 0 && cell < Double(codes) ? Int(cell) : nil
  }
}

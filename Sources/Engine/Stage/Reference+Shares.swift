public import Drift
public import Events
import Sketches

extension ColumnReferenceRecord {
  /// The reference's share of every bin beside that of rows counted over the same bins, the missing rows last.
  ///
  /// - Returns: nil where the bins are not the reference's, or either side has no rows.
  public func shifts(to bins: [Int], missing: Int) -> [BinShift]? {
    guard let binning, counts.count == binning.binCount, bins.count == counts.count else { return nil }
    let (before, now) = (counts + [self.missing], bins + [missing])
    guard (before + now).allSatisfy({ (0...SketchLimits.count).contains($0) }) else { return nil }
    let (rowsBefore, rowsNow) = (Double(before.reduce(0, +)), Double(now.reduce(0, +)))
    guard rowsBefore > 0, rowsNow > 0 else { return nil }
    return before.indices.map { bin in
      BinShift(
        bin: bin < counts.count ? binning.label(of: bin) : BinShift.missing,
        reference: Double(before[bin]) / rowsBefore, current: Double(now[bin]) / rowsNow)
    }
  }
}

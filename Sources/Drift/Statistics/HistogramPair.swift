import Sketches

/// Counts of two samples over one numeric binning, with the moments of both.
struct HistogramPair: Sendable {
  let binning: NumericBinning
  /// Per bin; what follows (missing rows) is ignored.
  let reference: [Int]
  let current: [Int]
  let referenceMoments: Moments?
  let currentMoments: Moments?

  var bands: (reference: CumulativeBand, current: CumulativeBand) {
    (
      CumulativeBand(binning, counts: reference, moments: referenceMoments),
      CumulativeBand(binning, counts: current, moments: currentMoments)
    )
  }

  /// What the bands' sweep gives, without making them: 5 ns a bin. At the edges the gap is known; inside a bin one side
  /// may have risen where the other has not.
  func kolmogorovSmirnov() -> Bounds {
    let bins = 0..<binning.binCount
    let (rows, currentRows) = (Double(reference[bins].reduce(0, +)), Double(current[bins].reduce(0, +)))
    guard rows > 0, currentRows > 0 else { return Bounds(exactly: 0) }
    var (below, currentBelow) = (0, 0)
    var (before, currentBefore) = (0.0, 0.0)
    var (low, high) = (0.0, 0.0)
    for bin in bins where reference[bin] + current[bin] > 0 {
      below += reference[bin]
      currentBelow += current[bin]
      let (after, currentAfter) = (Double(below) / rows, Double(currentBelow) / currentRows)
      low = max(low, (currentAfter - after).magnitude)
      let extent = binning.extent(of: bin, referenceMoments)
      let currentExtent = binning.extent(of: bin, currentMoments)
      if extent.high < currentExtent.low { low = max(low, (after - currentBefore).magnitude) }
      if currentExtent.high < extent.low { low = max(low, (currentAfter - before).magnitude) }
      if reference[bin] > 0, extent.low < currentExtent.high { high = max(high, after - currentBefore) }
      if current[bin] > 0, currentExtent.low < extent.high { high = max(high, currentAfter - before) }
      (before, currentBefore) = (after, currentAfter)
    }
    return Bounds(low: low, value: low, high: max(low, high))
  }
}

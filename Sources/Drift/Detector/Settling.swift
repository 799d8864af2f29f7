import Sketches

/// The first panes after a reference whose order in time is lost, held back until they tell how far rows depend on each
/// other.
///
/// Each half of them is its own yardstick and the smaller dependence counts, so that a change inside one half is not
/// taken for dependence.
struct Settling: Hashable, Sendable {
  struct Pane: Hashable, Sendable {
    let start: Int64
    let counts: [Int]
  }

  private(set) var panes: [Pane] = []
  private var rows = 0

  init() {}

  mutating func hold(_ counts: [Int], start: Int64) {
    let own = counts.reduce(0, +)
    guard own > 0 else { return }
    panes.append(Pane(start: start, counts: counts))
    rows += own
  }

  var isComplete: Bool {
    rows >= DetectorTuning.settlingEvents && panes.count >= DetectorTuning.settlingPanes
  }

  func dependence(binning: Binning) -> Double {
    let middle = panes.count / 2
    return min(
      Self.dependence(panes[..<middle], binning: binning), Self.dependence(panes[middle...], binning: binning))
  }

  private static func dependence(_ panes: ArraySlice<Pane>, binning: Binning) -> Double {
    var total = [Int](repeating: 0, count: binning.binCount + 1)
    for pane in panes { for bin in total.indices { total[bin] += pane.counts[bin] } }
    return BetDependence.estimate(Bets(binning: binning, counts: total), panes: panes.map(\.counts))
  }
}

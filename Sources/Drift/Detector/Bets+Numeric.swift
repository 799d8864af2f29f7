import Sketches

extension Bets {
  mutating func addNumeric(_ binning: NumericBinning, _ counts: [Int]) {
    let values = Array(0..<missingBin)
    let occupied = values.filter { counts[$0] > 0 }
    if occupied.count > 2 {
      addLocations(DetectorTuning.locations, among: values)
      for scale in DetectorTuning.scales {
        add(scale > 1 ? .wider : .narrower, shape: moved(location: 0, scale: scale, among: values))
      }
    }
    if occupied.count == 2, let rarer = occupied.min(by: { counts[$0] < counts[$1] }) {
      addOddsBothWays(of: rarer)
    } else if let atom = dominantAtom(binning) {
      addOddsBothWays(of: atom)
      if occupied.count > 2 { addLocations(DetectorTuning.restLocations, among: values.filter { $0 != atom }) }
    }
    let rare = values.filter { shares[$0] < DetectorTuning.rareShare }
    for bin in rare { addTakeovers(.more(bin: bin), weight: 1 / Double(rare.count), of: bin) }
  }

  private mutating func addOddsBothWays(of bin: Int) {
    for step in DetectorTuning.oddsSteps {
      addOdds(.more(bin: bin), of: bin, step: step)
      addOdds(.less(bin: bin), of: bin, step: -step)
    }
  }

  private mutating func addLocations(_ locations: [Double], among bins: [Int]) {
    for location in locations {
      add(.higher, shape: moved(location: location, scale: 1, among: bins))
      add(.lower, shape: moved(location: -location, scale: 1, among: bins))
    }
  }

  /// The bin that holds one value alone and a dominant share of the rows.
  private func dominantAtom(_ binning: NumericBinning) -> Int? {
    let edges = binning.edges
    return edges.indices.dropFirst().first {
      edges[$0 - 1].nextUp == edges[$0] && DetectorTuning.dominantAtom.contains(shares[$0])
    }
  }

  /// The shares after `bins`, taken as those of a standard normal variable, have been scaled and shifted; the other
  /// bins keep theirs.
  private func moved(location: Double, scale: Double, among bins: [Int]) -> [Double] {
    let mass = bins.reduce(0) { $0 + shares[$1] }
    var shape = shares
    var below = 0.0
    var left = 1.0
    for (position, bin) in bins.enumerated() {
      below += shares[bin] / mass
      let isLast = position == bins.count - 1
      let right =
        isLast || below >= 1 ? 0 : Normal.upperTail((Normal.quantile(upper: 1 - below) - location) / scale)
      shape[bin] = mass * max(left - right, 1e-12)
      left = right
    }
    return shape
  }
}

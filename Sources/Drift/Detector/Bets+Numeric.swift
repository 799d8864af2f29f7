import Sketches

extension Bets {
  mutating func addNumeric(_ binning: NumericBinning, _ counts: [Int]) {
    let values = Array(0..<missingBin)
    let occupied = values.filter { counts[$0] > 0 }
    if occupied.count > 2 {
      let line = NormalLine(values, shares: shares)
      addLocations(DetectorTuning.locations, along: line)
      for scale in DetectorTuning.scales {
        add(scale > 1 ? .wider : .narrower, shape: line.moved(location: 0, scale: scale))
      }
    }
    if occupied.count == 2, let rarer = occupied.min(by: { counts[$0] < counts[$1] }) {
      addOddsBothWays(of: rarer)
    } else if let atom = dominantAtom(binning) {
      addOddsBothWays(of: atom)
      if occupied.count > 2 {
        addLocations(
          DetectorTuning.restLocations, along: NormalLine(values.filter { $0 != atom }, shares: shares))
      }
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

  private mutating func addLocations(_ locations: [Double], along line: NormalLine) {
    for location in locations {
      add(.higher, shape: line.moved(location: location, scale: 1))
      add(.lower, shape: line.moved(location: -location, scale: 1))
    }
  }

  /// The bin that holds one value alone and a dominant share of the rows.
  private func dominantAtom(_ binning: NumericBinning) -> Int? {
    let edges = binning.edges
    return edges.indices.dropFirst().first {
      edges[$0 - 1].nextUp == edges[$0] && DetectorTuning.dominantAtom.contains(shares[$0])
    }
  }
}

/// Bins taken as those of a standard normal variable.
private struct NormalLine {
  private let bins: [Int]
  /// Of all bins.
  private let shares: [Double]
  private let mass: Double
  /// Where each of `bins` ends; infinite for those at the top.
  private let ends: [Double]

  init(_ bins: [Int], shares: [Double]) {
    self.bins = bins
    self.shares = shares
    let mass = bins.reduce(0) { $0 + shares[$1] }
    self.mass = mass
    var below = 0.0
    ends = bins.enumerated().map { position, bin in
      below += shares[bin] / mass
      return position == bins.count - 1 || below >= 1 ? .infinity : Normal.quantile(upper: 1 - below)
    }
  }

  /// The shares after the variable has been scaled and shifted; other bins keep theirs.
  func moved(location: Double, scale: Double) -> [Double] {
    var shape = shares
    var left = 1.0
    for (bin, end) in zip(bins, ends) {
      let right = end < .infinity ? Normal.upperTail((end - location) / scale) : 0
      shape[bin] = mass * max(left - right, 1e-12)
      left = right
    }
    return shape
  }
}

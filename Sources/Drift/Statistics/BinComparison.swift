/// Two arrays of counts over the same bins, with their totals.
struct BinComparison: Hashable, Sendable {
  let reference: [Int]
  let current: [Int]
  let referenceRows: Int
  let currentRows: Int
  /// Bins that hold a row of either side.
  let occupied: Int

  init(reference: [Int], current: [Int]) {
    precondition(reference.count == current.count, "counts over different bins cannot be compared")
    self.reference = reference
    self.current = current
    referenceRows = reference.reduce(0, +)
    currentRows = current.reduce(0, +)
    var occupied = 0
    for bin in reference.indices where reference[bin] + current[bin] > 0 { occupied += 1 }
    self.occupied = occupied
  }

  /// Whether both sides have rows.
  var comparable: Bool { referenceRows > 0 && currentRows > 0 }

  func referenceShare(ofBin bin: Int) -> Double {
    referenceRows > 0 ? Double(reference[bin]) / Double(referenceRows) : 0
  }

  func currentShare(ofBin bin: Int) -> Double {
    currentRows > 0 ? Double(current[bin]) / Double(currentRows) : 0
  }
}

/// The divergences; 0 where either side is empty. About 30 ns a bin where there is a logarithm, 3 where not.
extension BinComparison {
  /// What one bin adds to the PSI.
  func psi(ofBin bin: Int) -> Double {
    guard comparable, reference[bin] + current[bin] > 0 else { return 0 }
    let epsilon = 1 / Double(referenceRows + currentRows)
    let p = Double(reference[bin]) / Double(referenceRows) + epsilon
    let q = Double(current[bin]) / Double(currentRows) + epsilon
    return (q - p) * Elementary.log(q / p) / (1 + Double(occupied) * epsilon)
  }

  func psi() -> Double {
    var sum = 0.0
    for bin in reference.indices { sum += psi(ofBin: bin) }
    return sum
  }

  func jensenShannon() -> Double {
    sum { p, q in
      let mean = (p + q) / 2
      return (p > 0 ? p * Elementary.log(p / mean) : 0) + (q > 0 ? q * Elementary.log(q / mean) : 0)
    } / 2
  }

  func kullbackLeibler() -> Double {
    let epsilon = 1 / Double(max(referenceRows + currentRows, 1))
    let scale = 1 + Double(occupied) * epsilon
    return sum { p, q in (q + epsilon) / scale * Elementary.log((q + epsilon) / (p + epsilon)) }
  }

  /// From Σ (√q − √p)² = 2 − 2 Σ √(pq), which loses no digits where the two are nearly equal.
  func hellinger() -> Double {
    (sum { p, q in
      let gap = q.squareRoot() - p.squareRoot()
      return gap * gap
    } / 2).squareRoot()
  }

  func totalVariation() -> Double {
    sum { p, q in (q - p).magnitude } / 2
  }

  func cramersV() -> Double {
    (sum { p, q in (q - p) * (q - p) / (q + p) } / 2).squareRoot()
  }

  /// Σ (q − p)²/h, h the share of both sides together: Pearson's statistic times 1/n + 1/N.
  func squaredDifferences() -> Double {
    let share = Double(referenceRows) / Double(max(referenceRows + currentRows, 1))
    return sum { p, q in (q - p) * (q - p) / (q + (p - q) * share) }
  }

  /// Σ of a term over the shares of the bins that hold a row of either side; negative only by rounding, and then 0.
  private func sum(_ term: (_ p: Double, _ q: Double) -> Double) -> Double {
    guard comparable else { return 0 }
    let (rows, currentRows) = (Double(referenceRows), Double(currentRows))
    var sum = 0.0
    for bin in reference.indices where reference[bin] + current[bin] > 0 {
      sum += term(Double(reference[bin]) / rows, Double(current[bin]) / currentRows)
    }
    return max(sum, 0)
  }
}

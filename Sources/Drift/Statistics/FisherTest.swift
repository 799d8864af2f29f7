/// Fisher's exact test (1922): whether two samples hold something equally often, whatever the numbers.
enum FisherTest {
  /// Two-sided: the probability, given how many there are in both samples together, of all splits that are no likelier
  /// than the one seen. To about 1e-12; at most linear in the number of splits.
  ///
  /// - Parameters:
  ///   - hits: rows of each sample that hold it, at most its rows.
  ///   - rows: of each sample, at most 2^40.
  static func pValue(_ hits: (Int, Int), of rows: (Int, Int)) -> Double {
    let all = hits.0 + hits.1
    let range = max(0, all - rows.0)...min(all, rows.1)
    /// How much likelier a hit more in the second sample is.
    func rise(from x: Int) -> Double {
      Double(all - x) / Double(x + 1) * (Double(rows.1 - x) / Double(rows.0 - all + x + 1))
    }
    let mode = min(
      max(Int(Double(rows.1 + 1) * (Double(all + 1) / Double(rows.0 + rows.1 + 2))), range.lowerBound), range.upperBound
    )
    let upper = mode <= hits.1
    let seen = (min(mode, hits.1)..<max(mode, hits.1)).reduce(1.0) {
      $0 * (upper ? rise(from: $1) : 1 / rise(from: $1))
    }
    // As likely, to within rounding.
    let limit = seen * (1 + 1e-7)
    let negligible = min(seen, 1) * 1e-17
    var (total, tail) = (1.0, limit >= 1 ? 1.0 : 0)
    func add(_ weight: Double) {
      total += weight
      if weight <= limit { tail += weight }
    }
    var weight = 1.0
    var x = mode
    while x < range.upperBound, weight > negligible {
      weight *= rise(from: x)
      x += 1
      add(weight)
    }
    (weight, x) = (1, mode)
    while x > range.lowerBound, weight > negligible {
      x -= 1
      weight /= rise(from: x)
      add(weight)
    }
    return min(tail / total, 1)
  }
}

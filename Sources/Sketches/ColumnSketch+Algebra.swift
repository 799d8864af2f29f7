extension ColumnSketch: Subtractable {
  /// Both sketches must be over the same binning.
  public mutating func merge(_ other: ColumnSketch) {
    precondition(binning == other.binning, "sketches over different bins cannot be merged")
    count += other.count
    missing += other.missing
    invalid += other.invalid
    running.merge(other.moments)
    counts.add(other.counts)
    if !other.unseen.isEmpty { unseen.merge(other.unseen, uniquingKeysWith: +) }
    unseenOther += other.unseenOther
  }

  /// All counts become exact; `moments` as `Moments.subtract` leaves them.
  public mutating func subtract(_ other: ColumnSketch) {
    precondition(binning == other.binning, "sketches over different bins cannot be subtracted")
    count -= other.count
    missing -= other.missing
    invalid -= other.invalid
    running.subtract(other.moments)
    counts.subtract(other.counts)
    for (level, rows) in other.unseen {
      let left = unseen[level, default: 0] - rows
      unseen[level] = left == 0 ? nil : left
    }
    unseenOther -= other.unseenOther
  }

  /// The moments: subtraction would carry the rounding of a window's largest value for ever. (A pane of 1e12 that has
  /// left a window of values near 1 leaves a standard deviation wrong in every digit.)
  public var inexact: Moments {
    get { moments }
    set { running = RunningMoments(newValue) }
  }

  /// What is inconsistent, or nil.
  public func checkInvariants() -> String? {
    let bins = bins
    if bins.count != binning.binCount {
      return "\(bins.count) counts over \(binning.binCount) bins"
    }
    let counts = bins + unseen.values + [count, missing, invalid, unseenOther]
    guard counts.allSatisfy({ 0...SketchLimits.count ~= $0 }) else { return "a count out of range" }
    guard unseen.values.allSatisfy({ $0 > 0 }) else { return "an unseen level without rows" }
    if bins.reduce(0, +) != count { return "bins that do not add up to the count" }
    let unseenRows = unseen.values.reduce(unseenOther, +)
    switch binning {
    case .numeric:
      if moments.count != count {
        return "moments of \(moments.count) values in a column of \(count)"
      }
      if unseenRows != 0 { return "unseen levels in a numeric column" }
    case .categories(let categories):
      if !moments.isEmpty { return "moments of a categorical column" }
      if unseenRows != bins[categories.unseenBin] {
        return "unseen levels that do not add up to their bin"
      }
    }
    return nil
  }
}

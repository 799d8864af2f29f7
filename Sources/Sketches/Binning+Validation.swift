extension NumericBinning {
  /// Bins over edges that came from outside; nil where they are not finite and strictly increasing, or too many.
  public init?(validating edges: [Double]) {
    let ascending = zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 }
    guard edges.count < SketchLimits.numericBins, ascending, edges.allSatisfy(\.isFinite) else {
      return nil
    }
    self.init(edges: edges)
  }
}

extension CategoryBinning {
  /// Bins over levels that came from outside; nil where there are too many, one is over-long or named twice.
  public init?(validating levels: [String], others: [String], othersIncomplete: Bool) {
    let all = levels + others
    guard levels.count <= SketchLimits.categoryBins, others.count <= SketchLimits.otherLevels,
      all.allSatisfy({ $0.utf8.count <= SketchLimits.levelBytes }), Set(all).count == all.count
    else { return nil }
    self.init(levels: levels, others: others, othersIncomplete: othersIncomplete)
  }
}

extension ColumnSketch {
  /// A sketch from figures that came from outside; nil where they do not fit the bins or each other.
  public init?(
    validating binning: Binning, count: Int, missing: Int, invalid: Int, moments: Moments,
    bins: [Int],
    unseen: [String: Int], unseenOther: Int
  ) {
    let limits = 0...SketchLimits.count
    guard bins.count == binning.binCount, moments.isValid, limits.contains(missing), limits.contains(invalid),
      limits.contains(unseenOther), unseen.values.allSatisfy({ $0 > 0 && limits.contains($0) })
    else { return nil }
    var binned = 0
    for rows in bins {
      guard limits.contains(rows) else { return nil }
      binned += rows
    }
    let unseenRows = unseen.isEmpty ? unseenOther : unseen.values.reduce(unseenOther, +)
    let fits =
      switch binning {
      case .numeric: moments.count == count && unseenRows == 0
      case .categories(let categories): moments.isEmpty && unseenRows == bins[categories.unseenBin]
      }
    guard binned == count, limits.contains(count), fits else { return nil }
    self.init(binning: binning, counts: BinCounts(bins))
    self.count = count
    self.missing = missing
    self.invalid = invalid
    running = RunningMoments(moments)
    self.unseen = unseen
    self.unseenOther = unseenOther
  }
}

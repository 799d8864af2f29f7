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
    validating binning: Binning, count: Int, missing: Int, invalid: Int, moments: Moments, bins: [Int],
    unseen: [String: Int], unseenOther: Int
  ) {
    var table = TableSketch(TableLayout([binning]))
    let isTaken = table.add(
      validating: 0, count: count, missing: missing, invalid: invalid, moments: moments, bins: bins, unseen: unseen,
      unseenOther: unseenOther)
    guard isTaken else { return nil }
    self = table.column(0)
  }
}

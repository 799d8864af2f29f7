extension ColumnSketch {
  /// What is inconsistent, or nil.
  public func checkInvariants() -> String? {
    Self.fault(
      binning, count: count, missing: missing, invalid: invalid, moments: moments, bins: bins, unseen: unseen,
      unseenOther: unseenOther)
  }

  /// What is inconsistent in figures that a sketch is to have, or nil. Every pane that is read passes here.
  static func fault(
    _ binning: Binning, count: Int, missing: Int, invalid: Int, moments: Moments, bins: [Int], unseen: [String: Int],
    unseenOther: Int
  ) -> String? {
    let limits = 0...SketchLimits.count
    if bins.count != binning.binCount { return "\(bins.count) counts over \(binning.binCount) bins" }
    guard limits ~= count, limits ~= missing, limits ~= invalid, limits ~= unseenOther else {
      return "a count out of range"
    }
    var (binned, bits) = (0, 0)
    for rows in bins {
      binned &+= rows
      bits |= rows
    }
    // Where no bit is beyond the limit no count is, and what is added up has not wrapped around.
    guard limits ~= bits || bins.allSatisfy({ limits ~= $0 }) else { return "a count out of range" }
    var unseenRows = unseenOther
    for rows in unseen.values {
      guard limits ~= rows else { return "a count out of range" }
      unseenRows += rows
    }
    guard unseen.values.allSatisfy({ $0 > 0 }) else { return "an unseen level without rows" }
    if binned != count { return "bins that do not add up to the count" }
    switch binning {
    case .numeric:
      if moments.count != count { return "moments of \(moments.count) values in a column of \(count)" }
      if unseenRows != 0 { return "unseen levels in a numeric column" }
    case .categories(let categories):
      if !moments.isEmpty { return "moments of a categorical column" }
      if unseenRows != bins[categories.unseenBin] { return "unseen levels that do not add up to their bin" }
    }
    return nil
  }
}

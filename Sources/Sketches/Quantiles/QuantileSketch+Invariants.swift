extension QuantileSketch {
  /// What is wrong with the sketch, or nil: weights that do not add up to the count, a level out of order, a value
  /// outside the extremes, more items than its format can say. Cost: linear in the items.
  public func checkInvariants() -> String? {
    guard pending.count < QuantileBlock.size else { return "an unfinished block of \(pending.count) values" }
    guard pending.allSatisfy({ $0 == $0 }) else { return "an unfinished block with a value that is not a number" }
    guard QuantileCapacity.parameters.contains(smallestK), smallestK <= k else { return "a smallest k of \(smallestK)" }
    return levels.fault(settled: settled, low: low, high: high)
  }
}

extension QuantileLevels {
  /// What is wrong with levels that stand for `settled` values between `low` and `high`.
  func fault(settled: Int, low: Value, high: Value) -> String? {
    var weight = 0
    for level in 0..<count {
      let range = bounds(of: level)
      let (sum, overflow) = weight.addingReportingOverflow(range.count << level)
      guard range.count <= Int.max >> level, !overflow else { return "more values than a stream has" }
      weight = sum
      var before = low
      for item in items[range] {
        // False for NaN as well.
        guard item >= before, item <= high else { return "an item of level \(level) out of order" }
        before = item
      }
    }
    return weight == settled ? nil : "items that stand for \(weight) values of \(settled)"
  }
}

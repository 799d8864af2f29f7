import Sketches

/// Decides which columns of a reference are watched by their rank within the season.
struct SeasonMaker {
  /// Cycles that every part must occur in, and rows of a column that each part must hold.
  static let leastCycles = 3
  static let leastRows = 400
  /// The dependence must fall at least to this share, or the season explains too little of it.
  static let mostRemaining = 0.5

  private let cycle: Int64
  private let times: [Int64]
  private let strata: [Int]
  /// Cycles in which the part that is met least often was met.
  private let repeats: Int

  /// Nil where the rows, in order of time, cover too few cycles.
  init?(cycle: Int64, times: [Int64]) {
    self.cycle = cycle
    self.times = times
    var last = [Int64?](repeating: nil, count: SeasonRanks.strata)
    var met = [Int](repeating: 0, count: SeasonRanks.strata)
    strata = times.map { time in
      let place = SeasonRanks.place(of: time, cycle: cycle)
      if last[place.stratum] != place.cycle { met[place.stratum] += 1 }
      last[place.stratum] = place.cycle
      return place.stratum
    }
    repeats = met.min() ?? 0
    if repeats < Self.leastCycles { return nil }
  }

  /// The derived column, where the season has rows enough and explains the column's dependence.
  ///
  /// The parts' quantiles are themselves estimates from `repeats` cycles, and their error returns with every cycle: it
  /// adds 1/`repeats` to the variance of a part's sum, and so to the dependence.
  func season(of source: ColumnSource, _ series: [Double], raw: ColumnReference) -> DerivedColumn? {
    var values = [[Double]](repeating: [], count: SeasonRanks.strata)
    for (row, value) in series.enumerated() where !value.isNaN { values[strata[row]].append(value) }
    guard values.allSatisfy({ $0.count >= Self.leastRows }) else { return nil }
    let ranks = SeasonRanks(cycle: cycle, sorted: values.map { $0.sorted() })
    let missing = SeasonRanks.bins
    let bins = series.indices.map { row in
      series[row].isNaN
        ? missing
        : ranks.bin(of: series[row], time: times[row], chance: RowHash.unit(UInt64(row), salt: source.salt))
    }
    let edges = (0..<SeasonRanks.bins - 1).map(Double.init)
    guard let binning = NumericBinning(validating: edges) else { return nil }
    let moments = Moments(bins.lazy.filter { $0 != missing }.map(Double.init))
    let found = ColumnStore.reference("\(raw.name) (season)", .numeric(binning), bins, moments)
    guard found.dependence <= raw.dependence * Self.mostRemaining else { return nil }
    let column = ColumnReference(
      name: found.name, binning: found.binning, counts: found.counts, missing: found.missing, moments: moments,
      dependence: found.dependence * (1 + 1 / Double(repeats)))
    return DerivedColumn(column: column, derivation: .season(column: source, ranks))
  }
}

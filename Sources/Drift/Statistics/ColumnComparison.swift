public import Sketches

/// Two samples of one column, ready to be compared: from all of their values, from counts over the reference's frozen
/// bins, or from quantile sketches. What the form does not tell shows as an interval, and what it cannot tell at all as
/// a statistic that is left out.
public struct ColumnComparison: Sendable {
  public let name: String
  public let kind: ColumnKind
  /// Rows of either side, those without a usable value included.
  public let referenceRows: Int
  public let currentRows: Int
  public let referenceMissing: Int
  public let currentMissing: Int
  /// τ ≥ 1: so many rows in sequence tell as much as one independent row.
  public let dependence: Double
  /// Counts per bin, the missing rows last.
  let bins: BinComparison?
  let binning: Binning?
  let line: Line?
  let distinct: DistinctValues?
  /// Current rows with a level that the reference never held; of categories.
  let unseenRows: Int?
  let samples: Samples?

  /// What is known of the values' distribution functions.
  enum Line: Sendable {
    case bands(reference: CumulativeBand, current: CumulativeBand)
    case histogram(HistogramPair)
    case quantiles(reference: QuantileSample, current: QuantileSample)

    var bands: (reference: CumulativeBand, current: CumulativeBand) {
      switch self {
      case .bands(let reference, let current): (reference, current)
      case .histogram(let pair): pair.bands
      case .quantiles(let reference, let current): (reference.band, current.band)
      }
    }
  }

  /// The data themselves, where they are at hand.
  enum Samples: Sendable {
    case numbers(reference: NumericSample, current: NumericSample)
    case categories(reference: CategorySample, current: CategorySample)
  }
}

extension ColumnComparison {
  /// From all values: every statistic is exact. Divergences are over bins made from the reference
  /// (`NumericBinning.build`). Linear, about 20 ns a row.
  public init(name: String, reference: NumericSample, current: NumericSample, dependence: Double = 1) {
    let binning = NumericBinning.build(sortedReference: reference.sorted)
    self.name = name
    kind = .numeric
    self.dependence = max(dependence, 1)
    (referenceRows, currentRows) = (reference.rows, current.rows)
    (referenceMissing, currentMissing) = (reference.missing, current.missing)
    bins = BinComparison(reference: reference.counts(over: binning), current: current.counts(over: binning))
    self.binning = .numeric(binning)
    line = .bands(reference: reference.band, current: current.band)
    distinct = DistinctValues(reference, current)
    unseenRows = nil
    samples = .numbers(reference: reference, current: current)
  }

  /// From all levels: every statistic is exact. Divergences are over bins made from the reference
  /// (`CategoryBinning.build`).
  public init(name: String, reference: CategorySample, current: CategorySample, dependence: Double = 1) {
    let binning = CategoryBinning.build(counts: reference.counts)
    var counts = [Int](repeating: 0, count: binning.binCount)
    for (level, rows) in current.counts { counts[binning.bin(of: level)] += rows }
    self.name = name
    kind = .category
    self.dependence = max(dependence, 1)
    (referenceRows, currentRows) = (reference.rows, current.rows)
    (referenceMissing, currentMissing) = (reference.missing, current.missing)
    bins = BinComparison(
      reference: binning.referenceCounts(of: reference.counts) + [reference.missing],
      current: counts + [current.missing])
    self.binning = .categories(binning)
    line = nil
    distinct = DistinctValues(reference, current)
    unseenRows = current.counts.reduce(0) { reference.counts[$1.key] == nil ? $0 + $1.value : $0 }
    samples = .categories(reference: reference, current: current)
  }

  /// From counts over the reference's frozen bins: divergences and shares are exact, the number of distinct values is
  /// unknown, and distances of the values lie within intervals that certainly hold the exact ones.
  ///
  /// - Parameter current: over the reference's bins.
  public init(reference: ColumnReference, current: ColumnSketch) {
    self.init(reference, counts: reference.countsWithMissing, current)
  }

  init(_ reference: ColumnReference, counts: [Int], _ current: ColumnSketch) {
    name = reference.name
    kind = reference.binning.kind
    dependence = reference.dependence
    var currentCounts = current.bins
    currentCounts.append(current.missing + current.invalid)
    let bins = BinComparison(reference: counts, current: currentCounts)
    (referenceRows, currentRows) = (bins.referenceRows, bins.currentRows)
    (referenceMissing, currentMissing) = (reference.missing, current.missing + current.invalid)
    self.bins = bins
    binning = reference.binning
    if case .numeric(let binning) = reference.binning {
      line = .histogram(
        HistogramPair(
          binning: binning, reference: counts, current: currentCounts, referenceMoments: reference.moments,
          currentMoments: current.moments))
    } else {
      line = nil
    }
    unseenRows = reference.binning.unseenBin.map { currentCounts[$0] }
    distinct = nil
    samples = nil
  }

  /// From quantile sketches: distances of the values, within intervals that hold the exact ones with a confidence of
  /// 99 %; no divergences.
  public init(name: String, reference: QuantileSample, current: QuantileSample, dependence: Double = 1) {
    self.name = name
    kind = .numeric
    self.dependence = max(dependence, 1)
    (referenceRows, currentRows) = (reference.rows, current.rows)
    (referenceMissing, currentMissing) = (reference.missing, current.missing)
    bins = nil
    binning = nil
    line = .quantiles(reference: reference, current: current)
    distinct = nil
    unseenRows = nil
    samples = nil
  }
}

extension Binning {
  /// The bin of levels that the reference never held, of categories.
  var unseenBin: Int? {
    if case .categories(let binning) = self { binning.unseenBin } else { nil }
  }
}

extension DistinctValues {
  init(_ reference: CategorySample, _ current: CategorySample) {
    var values: [Int: Int] = [:]
    for rows in reference.counts.merging(current.counts, uniquingKeysWith: +).values { values[rows, default: 0] += 1 }
    self.init(
      found: (reference.counts.count, current.counts.count), valuesByRows: values,
      rows: (reference.present, current.present))
  }

  init(_ reference: NumericSample, _ current: NumericSample) {
    var values: [Int: Int] = [:]
    var found = (reference: 0, current: 0)
    var (i, j) = (0, 0)
    while i < reference.sorted.count || j < current.sorted.count {
      let (start, currentStart) = (i, j)
      let first = i < reference.sorted.count ? reference.sorted[i] : .infinity
      let value = min(first, j < current.sorted.count ? current.sorted[j] : .infinity)
      while i < reference.sorted.count, reference.sorted[i] == value { i += 1 }
      while j < current.sorted.count, current.sorted[j] == value { j += 1 }
      if i > start { found.reference += 1 }
      if j > currentStart { found.current += 1 }
      values[i - start + j - currentStart, default: 0] += 1
    }
    self.init(found: found, valuesByRows: values, rows: (reference.sorted.count, current.sorted.count))
  }
}

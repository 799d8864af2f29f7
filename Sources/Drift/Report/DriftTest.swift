public import Sketches

/// One version's reference made ready: compares window after window with it.
///
/// The quantiles behind critical values depend on the reference's bins and the configuration alone, so they are found
/// once; a report then costs about 2 µs a column.
public struct DriftTest: Sendable {
  public let reference: Reference
  public let configuration: DriftConfiguration
  private let columns: [Prepared]
  private let prediction: Prepared?
  private let statistics: [Statistic]
  private let quantiles: NoiseQuantiles

  private struct Prepared: Sendable {
    let reference: ColumnReference
    /// Rows per bin, then missing.
    let counts: [Int]

    init(_ reference: ColumnReference) {
      self.reference = reference
      counts = reference.counts + [reference.missing]
    }
  }

  public init(reference: Reference, configuration: DriftConfiguration = DriftConfiguration()) {
    self.reference = reference
    self.configuration = configuration
    columns = reference.columns.map(Prepared.init)
    prediction = reference.prediction.map(Prepared.init)
    statistics = Statistic.allCases.filter { configuration.thresholds[$0] != nil }
    let tests = max((columns.count + (prediction == nil ? 0 : 1)) * statistics.count, 1)
    let alpha = min(max(configuration.falseAlarmRate / Double(tests), 1e-300), 1)
    let mostBins = (columns + [prediction].compactMap { $0 }).map(\.counts.count).max() ?? 1
    quantiles = NoiseQuantiles(alpha: alpha, bins: mostBins)
  }

  /// The report of a window from event time `from` to `to`, milliseconds: `sketches` over the bins of the reference's
  /// columns in its order, one for each, `prediction` over those of its prediction.
  public func report(
    version: Int, from: Int64, to: Int64, rows: Int, sketches: [ColumnSketch],
    prediction sketch: ColumnSketch? = nil
  ) -> DriftReport {
    precondition(
      sketches.count == columns.count, "a report needs a sketch for every column of the reference")
    let drifts = zip(columns, sketches).map { compare($0, $1) }
    let predicted = prediction.flatMap { prepared in sketch.map { compare(prepared, $0) } }
    return DriftReport(
      version: version, from: from, to: to, rows: rows, columns: drifts, prediction: predicted)
  }

  private func compare(_ prepared: Prepared, _ sketch: ColumnSketch) -> ColumnDrift {
    var counts = sketch.bins
    counts.append(sketch.missing + sketch.invalid)
    let comparison = BinComparison(reference: prepared.counts, current: counts)
    let findings = statistics.map { finding($0, prepared.reference.name, comparison) }
    let drifted = findings.contains(where: \.drifted)
    let unseenBin: Int? =
      if case .categories(let binning) = sketch.binning { binning.unseenBin } else { nil }
    return ColumnDrift(
      column: prepared.reference.name, findings: findings,
      referenceMissing: comparison.referenceShare(ofBin: counts.count - 1),
      currentMissing: comparison.currentShare(ofBin: counts.count - 1),
      referenceUnseen: unseenBin.map(comparison.referenceShare),
      currentUnseen: unseenBin.map(comparison.currentShare),
      unseenLevels: sketch.unseen.isEmpty ? [] : Self.unseenLevels(of: sketch),
      shifts: drifted ? Self.shifts(comparison, sketch.binning) : [])
  }

  private func finding(_ statistic: Statistic, _ column: String, _ comparison: BinComparison)
    -> DriftFinding
  {
    let value = statistic.value(of: comparison)
    let critical = statistic.critical(for: comparison, quantiles)
    let threshold = configuration.thresholds[statistic] ?? .infinity
    return DriftFinding(
      column: column, statistic: statistic, value: value, threshold: threshold, critical: critical,
      referenceRows: comparison.referenceRows, currentRows: comparison.currentRows,
      verdict: verdict(value, threshold, critical, comparison))
  }

  private func verdict(
    _ value: Double, _ threshold: Double, _ critical: Double, _ comparison: BinComparison
  ) -> DriftVerdict {
    guard comparison.currentRows >= configuration.minimumRows,
      comparison.referenceRows >= configuration.minimumReferenceRows
    else { return .undetermined }
    // Equal shares are no change, not even where the threshold is 0.
    if value < threshold || value == 0 { return .clear }
    return value >= critical ? .drift : .undetermined
  }

  private static func unseenLevels(of sketch: ColumnSketch) -> [UnseenLevel] {
    sketch.unseenByFrequency.prefix(DriftReport.namedLevels).map {
      UnseenLevel(level: $0.level, rows: $0.rows)
    }
  }

  private static func shifts(_ comparison: BinComparison, _ binning: Binning) -> [BinShift] {
    let parts = comparison.reference.indices.map { (bin: $0, part: comparison.psi(ofBin: $0)) }
    let largest = parts.sorted { ($1.part, $0.bin) < ($0.part, $1.bin) }.prefix(
      DriftReport.namedShifts)
    return largest.map { entry in
      BinShift(
        bin: entry.bin == binning.binCount ? "(missing)" : binning.label(of: entry.bin),
        reference: comparison.referenceShare(ofBin: entry.bin),
        current: comparison.currentShare(ofBin: entry.bin))
    }
  }
}

extension BinComparison {
  func referenceShare(ofBin bin: Int) -> Double {
    referenceRows > 0 ? Double(reference[bin]) / Double(referenceRows) : 0
  }

  func currentShare(ofBin bin: Int) -> Double {
    currentRows > 0 ? Double(current[bin]) / Double(currentRows) : 0
  }
}
